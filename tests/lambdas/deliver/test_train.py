"""A SageMaker Pipeline is run once for an execution, and what it has registered is the version."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deliver.request import Request
from deliver.train import train
from tests.lambdas.fakes.delivery import DeliveryWorld
from tests.lambdas.fakes.reports import Told
from tidegate_runtime.delivery_ports import TrainingRun
from tidegate_runtime.lineage import COMMIT, PIPELINE_EXECUTION, TRAINING_JOB
from tidegate_runtime.versions import APPROVED, PENDING

JOB = "arn:aws:sagemaker:eu-west-1:111111111111:training-job/digits-1"
EXECUTION = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/digits-training/execution/1"


def training(
    *groups: str, approval: str = PENDING, metadata: Mapping[str, str] | None = None
) -> DeliveryWorld:
    """Return a world in whose staging the training registers versions in these groups."""
    world = DeliveryWorld("staging", "prod")

    def register() -> TrainingRun:
        made = [world.add(group, approval=approval, metadata=metadata or {}).arn for group in groups]
        return TrainingRun(status="Succeeded", packages=tuple(made), training_jobs=(JOB,))

    world.training.register = register
    return world


def run(world: DeliveryWorld, **parameters: Any) -> Told:
    return world.run("train", "staging", training="digits-training", **parameters)


def test_the_registered_version_is_answered_with_its_lineage() -> None:
    world = training("staging")
    told = run(world, parameters={"DataFraction": "0.1"}, commit="1a2b3c")
    assert told.summary == "digits-training has registered digits-staging/1 (PendingManualApproval)"
    ((_, parameters),) = world.training.started.values()
    assert parameters == {"DataFraction": "0.1"}
    (version,) = world.versions.versions.values()
    assert told.variables is not None
    assert told.variables["PackageArn"] == version.arn
    assert version.metadata == {COMMIT: "1a2b3c", PIPELINE_EXECUTION: EXECUTION, TRAINING_JOB: JOB}


def test_what_the_training_has_written_down_itself_stays() -> None:
    world = training("staging", metadata={COMMIT: "of the training"})
    run(world, commit="1a2b3c")
    (version,) = world.versions.versions.values()
    assert version.metadata[COMMIT] == "of the training"


def test_a_training_is_started_once_by_an_execution_and_again_by_the_next() -> None:
    world = training("staging")
    world.begin("train", "staging", training="digits-training")
    run(world)
    assert len(world.training.started) == 1
    run(world, execution="e2")
    assert len(world.training.started) == 2


def test_services_that_share_a_pipeline_train_each_their_own_version_in_one_execution() -> None:
    world = training("staging")
    place = world.environments["staging"].at
    for name in ("digits-staging", "letters-staging"):
        given = {"training": "shared-training", "parameters": {"Group": name}, "execution": "e" * 36}
        request = Request(job_id="j", do="train", at=replace(place, name=name), parameters=given, token={})
        train(request, training=world.training, versions=world.versions)
    started = [parameters for _, parameters in world.training.started.values()]
    assert started == [{"Group": "digits-staging"}, {"Group": "letters-staging"}]


def test_a_training_that_dies_after_any_call_is_not_started_twice() -> None:
    for number in range(1, 8):
        world = training("staging")
        world.crash_in(number)
        assert run(world).kind == "done"
        assert len(world.training.started) == 1, number


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_training_that_ends_badly_says_why(status: str) -> None:
    world = training()
    world.training.register = lambda: TrainingRun(status=status, failure="out of memory")
    told = run(world)
    assert told.kind == "failed"
    assert told.summary == f"the training pipeline digits-training is {status}: out of memory ({EXECUTION})"


@pytest.mark.parametrize(
    ("groups", "names"),
    [((), "nothing"), (("prod",), "digits-prod/1"), (("staging",) * 2, "digits-staging/1, digits-staging/2")],
)
def test_rejects_a_training_that_registers_not_exactly_one_version_here(
    groups: tuple[str, ...], names: str
) -> None:
    told = run(training(*groups))
    assert told.summary.startswith(
        f"the training must register one version in the group digits-staging, got {names}: look at"
    )


def test_rejects_a_training_that_approves_its_own_version() -> None:
    told = run(training("staging", approval=APPROVED))
    assert "has registered digits-staging/1 as Approved, past the gate" in told.summary


def test_rejects_parameters_that_are_no_texts() -> None:
    told = run(training("staging"), parameters={"DataFraction": 0.1})
    assert told.failure == "ConfigurationError"
