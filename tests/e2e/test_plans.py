"""Rollouts under other plans: the controller is deployed anew for each, and hosting is left alone."""

import pytest

from tests.e2e.interference import burning
from tests.e2e.rest import Rest
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def plan(world: World, change: str) -> Rest:
    """Deploy the controller with another plan; return the endpoint at rest, which that leaves alone."""
    before = world.require_rest()
    ran = world.deploy(change, kind="controller")
    assert (ran.status, ran.told) == (0, "")
    assert world.require_rest() == before
    return before


def test_a_newer_approval_supersedes_the_rollout_in_flight_and_without_traffic_it_goes_back_itself(
    quick: World,
) -> None:
    before = plan(quick, "impatient")
    first = quick.in_first_step()
    second = quick.roll_out()
    superseded, unseen = quick.wait_for(first, "ENDED"), quick.wait_for(second, "ENDED")
    assert superseded.status == "ROLLED_BACK"
    assert superseded.body["reason"] == f"{unseen.rollout_id} was approved"
    assert unseen.status == "ROLLED_BACK"
    judged = unseen.last("JUDGED")
    assert judged is not None
    assert (judged.body["verdict"], judged.body["step_requests"]) == ("NO_DATA", 0)
    assert quick.require_rest() == before


def test_a_fix_forward_is_rolled_out_while_an_alarm_of_live_burns(quick: World) -> None:
    package = quick.register()
    quick.stage.aws.sagemaker.update_model_package(
        ModelPackageArn=package, CustomerMetadataProperties={"fix_forward": "true"}
    )
    with quick.traffic():
        with burning(quick, "live-5xx"):
            quick.registry.approve(package)
            quick.wait_for(package, "PROMOTED")
        run = quick.wait_for(package, "ENDED")
    assert run.status == "PROMOTED"
    assert quick.require_rest().package == package


def test_a_bad_version_is_stopped_by_what_it_does_with_copies_and_nobody_is_answered_by_it(
    quick: World,
) -> None:
    before = plan(quick, "careful")
    with quick.traffic() as traffic:
        run = quick.wait_for(quick.roll_out(failing_percent=60), "ENDED")
    assert set(traffic.answers) == {"OK"}
    assert (run.status, run.first("SHADOWED"), run.first("SHIFTED")) == ("ROLLED_BACK", None, None)
    judged = run.last("JUDGED")
    assert judged is not None
    assert (judged.body["phase"], judged.body["verdict"]) == ("SHADOWING", "FAIL")
    assert quick.require_rest() == before


def test_a_good_version_passes_copies_and_a_gate_and_goes_on_when_nobody_holds_it_any_more(
    quick: World,
) -> None:
    plan(quick, "careful")
    with quick.traffic() as traffic:
        package = quick.roll_out()
        quick.wait_until("the gate is closed", lambda: _gate(quick, package))
        told = [
            quick.tidegate("hold", "--reason", "sale until noon", "--for", "10h"),
            quick.tidegate("promote", "--reason", "the sale is over soon"),
            quick.tidegate("resume", "--reason", "the sale is over"),
        ]
        run = quick.wait_for(package, "ENDED")
    assert [one.returncode for one in told] == [0, 0, 0], [one.stderr for one in told]
    assert "the gate after step 1 is open; but the rollout is held until" in told[1].stdout
    kinds = [entry.kind for entry in run.log if entry.kind not in ("JUDGED", "STARTED")]
    way = ["CHECKED", "SHADOWING", "SHADOWED", "PREPARED", "SHIFTED"]
    assert kinds[:10] == [*way, "GATE_CLOSED", "HELD", "GATE_OPENED", "RESUMED", "PROMOTING"]
    assert run.status == "PROMOTED"
    assert set(traffic.answers) == {"OK"}
    assert quick.require_rest().package == package


def _gate(world: World, package: str) -> bool:
    """Tell whether a rollout stands at a gate, and a task waits for its opening."""
    run = world.run(package)
    return bool(run and (run.body.get("gate") or {}).get("token"))
