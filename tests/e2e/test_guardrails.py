"""Rollouts that SageMaker's own guardrails carry out: a canary under alarms, and no candidate."""

import pytest

from tests.e2e.change_sets import failures
from tests.e2e.world import World
from tidegate_cli.operator.ledger import Run

pytestmark = pytest.mark.e2e

_RATE = 240.0
"""Requests a second: an alarm judges minutes with 20 on the new fleet, and a minute is half a second."""


def kinds(run: Run) -> list[str]:
    return [entry.kind for entry in run.log if entry.kind not in ("JUDGED", "STARTED")]


def test_a_good_version_is_promoted_by_the_stack_with_a_canary_of_sagemakers(guarded: World) -> None:
    before = guarded.require_rest()
    with guarded.traffic(rate=_RATE) as traffic:
        package = guarded.roll_out()
        guarded.wait_until(
            "the canary answers", lambda: guarded.answered()["model_version"] != before.version
        )
        # Half of the fleet is new while SageMaker bakes, and the stack waits for the end of that.
        assert guarded.stage.endpoint().status == "Updating"
        assert guarded.stack_status() == "UPDATE_IN_PROGRESS"
        assert {guarded.answered()["model_version"] for _ in range(40)} > {before.version}
        run = guarded.wait_for(package, "ENDED")
    assert run.status == "PROMOTED"
    assert kinds(run) == ["CHECKED", "PROMOTING", "PROMOTED", "WATCHED", "ENDED"]
    assert set(traffic.answers) == {"OK"}
    assert guarded.require_rest().package == package


def test_a_version_that_fails_in_the_bake_is_taken_back_by_sagemaker_and_never_called_promoted(
    guarded: World,
) -> None:
    before = guarded.require_rest()
    with guarded.traffic(rate=_RATE) as traffic:
        package = guarded.roll_out(failing_percent=60)
        run = guarded.wait_for(package, "ENDED")
    assert set(traffic.answers) == {"OK", "ModelError"}
    assert (run.status, run.first("PROMOTED")) == ("ROLLED_BACK", None)
    assert guarded.stack_status() == "UPDATE_ROLLBACK_COMPLETE"
    silent = f"endpoint {guarded.endpoint} rolled back: it runs"
    assert [reason for reason in failures(guarded) if silent in reason], failures(guarded)
    requested = run.first("ROLLBACK_REQUESTED")
    assert requested is not None
    assert requested.body["source"] == "alarm"
    assert run.body["reason"].startswith(f"alarm {guarded.endpoint}-new-fleet-live-"), run.body["reason"]
    assert guarded.require_rest() == before
