"""A rehearsal of a pipeline passes only when each part showed what it is for."""

import pytest

from tests.cli.rehearsal_pipeline.told import action, execution
from tidegate_cli.rehearsal_pipeline import verdicts
from tidegate_cli.rehearsal_pipeline.executions import ExecutionTold

LIVE = {"digits-dev": "v2", "digits-staging": "v2", "digits-prod": "v2"}
DEPLOYED = execution(*(action(name, f"digits-{name}-hosting.Deploy") for name in ("dev", "staging", "prod")))
STAGES = ("Source", "dev", "staging", "prod")
FORBIDS = "FAILED tests/test_services.py::test_every_new_version_begins_with_a_small_share_of_the_traffic"


def mutation(*executions: ExecutionTold, version: int = 2) -> list[bool]:
    found = verdicts.about_mutation(executions, revision="v2", before=1, structure=(version, STAGES))
    return [check.ok for check in found]


def test_a_pipeline_that_updated_itself_and_deployed_everything_is_as_it_should_be() -> None:
    assert mutation(execution(status="Cancelled"), DEPLOYED) == [True, True, True]


def test_a_pipeline_that_did_not_start_again_is_wrong() -> None:
    assert mutation(DEPLOYED, version=1) == [True, False, True]


def test_a_pipeline_that_updates_itself_again_and_again_is_wrong() -> None:
    twice = (execution(status="Cancelled"), execution(status="Cancelled"), DEPLOYED)
    assert mutation(*twice, version=3) == [True, False, True]


def test_a_pipeline_that_somebody_had_to_start_is_wrong() -> None:
    assert mutation(execution(status="Cancelled", trigger="StartPipelineExecution"), DEPLOYED)[0] is False


def test_a_model_that_was_promoted_before_a_release_is_wrong() -> None:
    early = execution(action("staging", "staging-register"))
    answers = dict.fromkeys(LIVE, "v1")
    assert [check.ok for check in verdicts.about_first_version(answers, [early])] == [True, False]
    assert [check.ok for check in verdicts.about_first_version(LIVE, [execution()])] == [False, True]


def test_a_promotion_goes_through_every_environment_and_asks_with_evidence() -> None:
    followed = execution(*(action(name, f"{name}-follow") for name in ("dev", "staging", "prod")))
    text = "Approve v2?\nprod: accuracy 0.96 against 0.86"
    assert all(check.ok for check in verdicts.about_promotion(followed, LIVE, asked=[text]))
    half = execution(action("dev", "dev-follow"), action("staging", "staging-follow", "Failed"))
    wrong = verdicts.about_promotion(half, {**LIVE, "digits-prod": "v1"}, asked=[])
    assert [check.ok for check in wrong] == [False, False, False]


def test_a_bad_commit_is_stopped_by_its_own_tests_and_goes_no_further() -> None:
    stopped = execution(
        action("Source", "Source"), action("Build", "Synth", "Failed", "exit status 1"), status="Failed"
    )
    assert all(check.ok for check in verdicts.about_bad_commit(stopped, [FORBIDS]))
    assert not verdicts.about_bad_commit(stopped, ["npm is missing"])[0].ok
    assert not verdicts.about_bad_commit(DEPLOYED, [FORBIDS])[1].ok


@pytest.mark.parametrize(
    ("name", "expected"), [("staging-validate", True), ("dev-follow", False), ("staging-follow", False)]
)
def test_a_bad_model_is_stopped_by_its_gate_and_by_nothing_else(name: str, expected: bool) -> None:
    stopped = execution(action("staging", name, "Failed", "0.38 against 0.96"), status="Failed")
    found = verdicts.about_bad_model(stopped, {**LIVE, "digits-dev": "v3"})
    assert found[0].ok is expected
    assert found[1].ok


def test_a_bad_model_that_reached_production_is_wrong() -> None:
    reached = execution(action("production", "prod-register"))
    answers = dict.fromkeys(LIVE, "v3")
    assert [check.ok for check in verdicts.about_bad_model(reached, answers)] == [False, False, False]
