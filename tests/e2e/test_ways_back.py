"""Every way into a rollback, each by itself."""

import json
from collections.abc import Callable

import pytest

from tests.e2e.interference import stop_execution, without_rule
from tests.e2e.world import World
from tidegate_cli.operator.ledger import Run

pytestmark = pytest.mark.e2e

Timed = Callable[[Run], None]


def source_of(run: Run) -> str:
    requested = run.first("ROLLBACK_REQUESTED")
    assert requested is not None, run
    return str(requested.body["source"])


def test_the_judge_stops_a_candidate_that_fails_nearly_everything(world: World, timed: Timed) -> None:
    with world.traffic() as traffic:
        run = world.wait_for_end(world.roll_out(failing_percent=98))
    assert run.status == "ROLLED_BACK"
    assert source_of(run) in {"verdict", "alarm"}
    assert set(traffic.answers) == {"OK", "ModelError"}
    assert [entry.body["weight_percent"] for entry in run.log if entry.kind == "SHIFTED"] == [50]
    timed(run)


def test_the_alarm_stops_a_candidate_that_the_judge_cannot_compare_with_live(
    world: World, timed: Timed
) -> None:
    package = world.roll_out(failing_percent=98)
    world.wait_for(package, "SHIFTED", step=0)
    with world.traffic(variant="candidate", rate=240):
        world.wait_for(package, "WEIGHT_ZERO")
    run = world.wait_for_end(package)
    assert run.status == "ROLLED_BACK"
    assert source_of(run) == "alarm"
    # The model's errors are server errors too: whichever alarm is evaluated first.
    assert run.body["reason"].startswith("alarm echo-rehearsal-candidate-")
    assert "Threshold Crossed" in run.body["reason"]
    timed(run)


def test_an_alarm_set_by_hand_leads_to_a_rollback(world: World, timed: Timed) -> None:
    package = world.in_first_step()
    world.stage.aws.cloudwatch.set_alarm_state(
        AlarmName="echo-rehearsal-candidate-5xx", StateValue="ALARM", StateReason="set by a test"
    )
    run = world.wait_for_end(package)
    assert run.status == "ROLLED_BACK"
    assert source_of(run) == "alarm"
    assert run.body["reason"] == "alarm echo-rehearsal-candidate-5xx: set by a test"
    timed(run)


def test_an_operator_aborts_in_the_middle_of_a_step_and_status_says_so_before_and_after(
    world: World, timed: Timed
) -> None:
    package = world.in_first_step()
    before = json.loads(world.tidegate("status", "--json").stdout)
    assert before["candidate_share"] == 0.5
    assert (before["rollout"]["status"], before["rollout"]["step"]) == ("RUNNING", 1)
    with world.traffic() as traffic:
        aborted = world.tidegate("abort", "--reason", "too warm today")
        weight = world.stage.endpoint().candidate_weight
        run = world.wait_for_end(package)
    assert (aborted.returncode, aborted.stderr) == (0, "")
    assert "weight 0 seen after" in aborted.stdout
    assert weight == 0
    assert set(traffic.answers) == {"OK"}
    assert (run.status, source_of(run), run.body["reason"]) == ("ROLLED_BACK", "operator", "too warm today")
    assert "ROLLED_BACK" in world.tidegate("status").stdout
    timed(run)


def test_an_execution_that_somebody_stops_is_an_event_that_leads_to_a_rollback(
    world: World, timed: Timed
) -> None:
    with without_rule(world, "Schedule"):
        package = world.in_first_step()
        run = world.run(package)
        assert run is not None
        stop_execution(world, run)
        run = world.wait_for_end(package)
    assert (run.status, source_of(run)) == ("ROLLED_BACK", "execution")
    timed(run)


def test_the_schedule_finds_a_stopped_execution_whose_event_was_lost(world: World, timed: Timed) -> None:
    with without_rule(world, "Execution"):
        with without_rule(world, "Schedule"):
            package = world.in_first_step()
            run = world.run(package)
            assert run is not None
            stop_execution(world, run)
            begin = world.stage.cloud.now()
            world.wait_until("four minutes", lambda: world.stage.cloud.now() > begin + 240)
            run = world.run(package)
            assert run is not None
            assert (run.status, run.first("ROLLBACK_REQUESTED")) == ("RUNNING", None)
        run = world.wait_for_end(package)
    assert (run.status, source_of(run)) == ("ROLLED_BACK", "execution")
    assert run.body["reason"] == "the rollout's execution is ABORTED"
    timed(run)
