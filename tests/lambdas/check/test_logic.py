"""What a rollout refuses to start with."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import GROUP, package
from tidegate_runtime.lineage import Lineage
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import Container, Lease, Package, Run
from tidegate_runtime.state import Suspended

V2 = "v2-20261121T050102Z"
CONTAINER = Container(image="image", artifact_uri="s3://bucket/key")
GOOD = Package(arn=package(2), group=GROUP, approval="Approved", containers=(CONTAINER,))

Spoil = Callable[[Service], object]


def packaged(changed: Package) -> Spoil:
    return lambda service: service.registry.packages.update({package(2): changed})


def lost_artifact(service: Service) -> None:
    service.registry.lost_artifacts = True


def stack_failed(service: Service) -> None:
    service.stack.status = "UPDATE_ROLLBACK_FAILED"


def stack_missing(service: Service) -> None:
    service.stack.exists = False


def endpoint_missing(service: Service) -> None:
    service.endpoint.cloud.view = None


def endpoint_failed(service: Service) -> None:
    service.endpoint.cloud.view = replace(service.endpoint.view(), status="Failed")


def foreign_config(service: Service) -> None:
    service.endpoint.cloud.configs["other"] = service.endpoint.cloud.configs["stack-config-0"]
    service.endpoint.cloud.view = replace(service.endpoint.view(), config_name="other")


def pointer_ahead(service: Service) -> None:
    service.pointer.value = package(9)


def second_variant(service: Service) -> None:
    variants = service.endpoint.cloud.configs["stack-config-0"]["ProductionVariants"]
    variants.append({**variants[0], "VariantName": "other"})


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (packaged(replace(GOOD, approval="Rejected")), "NotApproved"),
        (packaged(replace(GOOD, group="another")), "NotApproved"),
        (packaged(replace(GOOD, containers=(CONTAINER, CONTAINER))), "Incompatible"),
        (packaged(replace(GOOD, instance_types=("ml.g5.xlarge",))), "Incompatible"),
        (second_variant, "Incompatible"),
        (lost_artifact, "ArtifactMissing"),
        (stack_failed, "BaselineUnhealthy"),
        (stack_missing, "BaselineUnhealthy"),
        (endpoint_missing, "BaselineUnhealthy"),
        (endpoint_failed, "BaselineUnhealthy"),
        (foreign_config, "BaselineUnhealthy"),
        (pointer_ahead, "BaselineUnhealthy"),
    ],
)
def test_rejects_with_a_named_error_and_touches_nothing(spoil: Spoil, error: str) -> None:
    service = Service().deployed()
    spoil(service)
    service.approve(2)
    service.run()
    run = service.ledger.runs[V2]
    assert (run.status, run.body["reason"].split(":")[0]) == ("ROLLED_BACK", error)
    changes = {
        name for name in service.world.faults.log if name.startswith(("sagemaker.", "cloudformation."))
    }
    assert changes <= {"sagemaker.describe", "sagemaker.config", "sagemaker.model", "cloudformation.describe"}
    assert service.scaling.state == Suspended()
    assert service.ledger.held is None


def test_the_recorded_version_of_the_artifact_is_the_one_that_is_looked_for() -> None:
    service = Service().deployed()
    service.registry.packages[package(2)] = replace(GOOD, artifact_version="v-id")
    asked: list[tuple[str, str]] = []

    def spy(uri: str, *, version: str) -> None:
        asked.append((uri, version))

    service.registry.require_artifact = spy  # type: ignore[method-assign]  # a spy
    service.approve(2)
    service.run()
    assert asked == [("s3://bucket/key", "v-id")]


def test_an_endpoint_that_is_scaling_is_waited_for() -> None:
    service = Service().deployed()
    service.endpoint.change_count("live", 3)
    service.endpoint.cloud.pending.ready_at -= 290  # type: ignore[union-attr]  # it has just been set
    service.approve(2)
    service.run()
    assert service.ledger.runs[V2].status == "PROMOTED"


@pytest.mark.parametrize(("status", "outcome"), [("RUNNING", "SUPERSEDED"), ("ROLLED_BACK", "PROMOTED")])
def test_an_expired_lease_is_taken_over_unless_its_holder_runs(status: str, outcome: str) -> None:
    service = Service().deployed()
    service.executions.begin("other", name="v9", document={})
    service.approve(2)
    service.ledger.held = Lease(rollout_id="v9", expires_at=1)
    service.ledger.runs["v9"] = Run(rollout_id="v9", status=status, body={"phase": "STEPPING"}, revision=1)
    service.executions.inputs.pop(("other", "v9"))
    service.run()
    assert service.ledger.runs[V2].status == outcome


def test_scale_in_that_was_suspended_before_stays_suspended_after() -> None:
    service = Service().deployed()
    service.scaling.state = Suspended(scale_in=True)
    service.approve(2)
    service.run()
    assert service.scaling.state == Suspended(scale_in=True)


def test_the_record_keeps_the_plan_that_the_rollout_started_with() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run()
    kept = service.ledger.runs[V2].body["plan"]
    assert Plan.from_json(json.dumps(kept)) == service.plan


def test_the_record_tells_where_the_version_comes_from_who_approved_it_and_into_what_it_went() -> None:
    service = Service().deployed()
    lineage = Lineage(commit="1a2b3c", training_job="digits-7")
    service.registry.packages[package(2)] = replace(GOOD, lineage=lineage, changed_by="ada")
    service.stack.commit = "4d5e6f"
    service.approve(2)
    service.run()
    told = {
        "lineage": {"tidegate:commit": "1a2b3c", "tidegate:training-job": "digits-7"},
        "approved_by": "ada",
        "deployed_commit": "4d5e6f",
    }
    assert told.items() <= service.ledger.runs[V2].body.items()
    assert told.items() <= service.ledger.bodies("CHECKED")[0].items()


def test_what_nobody_has_told_is_no_reason_to_stop() -> None:
    service = Service().deployed()
    service.registry.packages[package(2)] = GOOD
    service.registry.packages[package(1)] = replace(GOOD, arn=package(1), lineage=Lineage(commit="1a2b3c"))
    service.approve(2)
    service.run()
    run = service.ledger.runs[V2]
    assert run.status == "PROMOTED"
    assert {"lineage", "deployed_commit"}.isdisjoint(run.body)


def test_the_record_of_the_first_version_tells_it_too() -> None:
    service = Service()
    service.registry.packages[package(1)] = replace(GOOD, arn=package(1), lineage=Lineage(commit="1a2b3c"))
    service.approve(1)
    service.run()
    (first,) = [run for run in service.ledger.runs.values() if run.body["package_arn"] == package(1)]
    assert first.body["lineage"] == {"tidegate:commit": "1a2b3c"}
