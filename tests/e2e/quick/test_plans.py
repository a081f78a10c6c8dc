"""Rollouts under other plans: the controller is deployed anew for each, and hosting is left alone."""

import pytest

from tests.e2e.asked import FUNCTION, asked
from tests.e2e.interference import burning
from tests.e2e.planned import plan
from tests.e2e.rewards import Rewards
from tests.e2e.world import World
from tidegate_cli.operator.ledger import LogEntry, Run

pytestmark = pytest.mark.e2e


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


def test_a_version_that_answers_a_declared_sample_wrongly_is_stopped_before_it_has_traffic(
    quick: World,
) -> None:
    before = plan(quick, "asking")
    with asked(quick), quick.traffic() as traffic:
        run = quick.wait_for(quick.roll_out(adds_too_much=1), "ENDED")
    assert (run.status, run.first("SHIFTED"), run.first("HOOK_DONE")) == ("ROLLED_BACK", None, None)
    assert "sample 'a sum': " in run.reason
    # A slow machine spreads the samples over several looks.
    sampled = [entry.body for entry in run.log if entry.kind == "SAMPLED"]
    answered = [name for body in sampled for name in body["answered"]]
    assert (sampled[-1]["verdict"], answered) == ("FAIL", ["nothing asked"])
    assert (set(traffic.answers), set(traffic.answered_by)) == ({"OK"}, {"live"})
    assert quick.require_rest() == before


def test_a_good_version_answers_the_samples_and_goes_on_when_the_functions_of_its_plan_say_so(
    quick: World,
) -> None:
    plan(quick, "asking")
    with asked(quick, gate="WAIT") as function, quick.traffic() as traffic:
        package = quick.roll_out()
        quick.wait_until("the gate is closed", lambda: _gate(quick, package))
        since = quick.stage.cloud.now()
        quick.wait_until("five minutes", lambda: quick.stage.cloud.now() > since + 300)
        waiting = quick.run(package)
        function.answer(gate="APPROVED")
        run = quick.wait_for(package, "ENDED")
    assert waiting is not None
    assert (waiting.status, waiting.first("GATE_OPENED")) == ("RUNNING", None)
    kinds = [entry.kind for entry in run.log if entry.kind not in ("JUDGED", "SAMPLED", "STARTED")]
    way = ["CHECKED", "PREPARED", "HOOK_DONE", "SHIFTED"]
    assert kinds[:8] == [*way, "HOOK_DONE", "GATE_CLOSED", "GATE_OPENED", "PROMOTING"], run.reason
    sampled, shifted = run.last("SAMPLED"), run.first("SHIFTED")
    assert sampled is not None
    assert shifted is not None
    assert (sampled.body["verdict"], sampled.body["sampled"]) == ("PASS", 2)
    assert sampled.at < shifted.at
    assert [one.body["when"] for one in run.log if one.kind == "HOOK_DONE"] == ["before", "after"]
    opened = run.first("GATE_OPENED")
    assert opened is not None
    assert (opened.body["by"], opened.body["reason"]) == (FUNCTION, "gate step 1 of 1 at 100 %")
    assert run.status == "PROMOTED"
    assert set(traffic.answers) == {"OK"}
    assert quick.require_rest().package == package


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"before": "FAIL"}, "HOOK_FAILED"),
        ({"after": "FAIL"}, "HOOK_FAILED"),
        ({"gate": "REJECTED"}, "GATE_REJECTED"),
    ],
    ids=["before", "after", "gate"],
)
def test_a_function_that_says_no_has_the_version_rolled_back(
    quick: World, answers: dict[str, str], kind: str
) -> None:
    before = plan(quick, "asking")
    with asked(quick, **answers), quick.traffic() as traffic:
        run = quick.wait_for(quick.roll_out(), "ENDED")
    said = run.first(kind)
    assert said is not None
    (when,) = answers
    assert f"{when} step 1 of 1 at 100 %" in said.body["reason"]
    assert f"{when} step 1 of 1 at 100 %" in run.reason
    assert (run.status, run.first("SHIFTED") is None) == ("ROLLED_BACK", when == "before")
    assert set(traffic.answers) == {"OK"}
    assert quick.require_rest() == before


def test_a_challenger_that_earns_more_rewards_wins_its_contest_and_is_promoted(quick: World) -> None:
    plan(quick, "contested")
    with quick.traffic() as traffic, Rewards(quick, traffic, live=0.2, candidate=0.8):
        package = quick.roll_out()
        run = quick.wait_for(package, "ENDED")
    assert run.status == "PROMOTED"
    contest = _passed(run).body["contest"]
    assert contest["e_win"] >= contest["threshold"]
    assert contest["ratio_lower"] > 1
    assert set(traffic.answers) == {"OK"}
    assert quick.require_rest().package == package


def test_a_challenger_that_earns_fewer_rewards_loses_and_the_champion_stays(quick: World) -> None:
    before = plan(quick, "contested")
    with quick.traffic() as traffic, Rewards(quick, traffic, live=0.8, candidate=0.2):
        run = quick.wait_for(quick.roll_out(), "ENDED")
    assert run.status == "ROLLED_BACK"
    judged = run.last("JUDGED")
    assert judged is not None
    assert judged.body["contest"]["e_lose"] >= judged.body["contest"]["threshold"]
    assert set(traffic.answers) == {"OK"}
    assert quick.require_rest() == before


def test_a_bandit_moves_the_split_to_whoever_earns_more_until_one_has_won(quick: World) -> None:
    plan(quick, "bandit")
    with quick.traffic() as traffic, Rewards(quick, traffic, live=0.2, candidate=0.3) as rewards:
        package = quick.roll_out()
        quick.wait_for(package, "REWEIGHED")
        rewards.rates["candidate"] = 1.0
        run = quick.wait_for(package, "ENDED")
    reweighed = run.first("REWEIGHED")
    assert reweighed is not None
    assert 50 < reweighed.body["weight_percent"] <= 90
    assert run.status == "PROMOTED"
    assert _passed(run).body["contest"]["e_win"] >= _passed(run).body["contest"]["threshold"]
    assert set(traffic.answers) == {"OK"}
    assert quick.require_rest().package == package


def _passed(run: Run) -> LogEntry:
    """Return the judgement with which the first step ended."""
    (passed,) = [
        one
        for one in run.log
        if one.kind == "JUDGED" and (one.body["step"], one.body["verdict"]) == (0, "PASS")
    ]
    return passed
