"""What a rollout does while the old version is in trouble: hold, fix forward, or what the plan says."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, outcome, rolled_back
from tests.lambdas.fakes.world import package
from tidegate_runtime.ports import CANDIDATE, LIVE


def stepping(service: Service) -> Service:
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    return service


def reason(service: Service) -> str:
    return str(service.ledger.runs[V2].body["reason"])


def verdicts(service: Service) -> list[str]:
    return [body["verdict"] for body in service.ledger.bodies("JUDGED")]


def fix_forward(service: Service) -> Service:
    known = service.registry.package_now(package(2))
    service.registry.packages[known.arn] = replace(known, fix_forward=True)
    return service


# --- alarms at the start ---------------------------------------------------------------------------------
@pytest.mark.parametrize("variant", [LIVE, CANDIDATE])
def test_rejects_to_start_without_its_alarms(variant: str) -> None:
    service = Service().deployed()
    service.alarms.lost = {variant}
    rolled_back(service)
    assert reason(service).startswith("AlarmMissing: ")
    assert f"digits-{variant}-5xx" in reason(service)
    assert service.highest_share == 0


def test_rejects_to_start_while_an_alarm_of_live_burns_and_says_what_would_be_let_through() -> None:
    service = Service().deployed()
    service.alarms.lit = {LIVE}
    rolled_back(service)
    assert reason(service).startswith("BaselineUnhealthy: live is in trouble: alarm digits-live-5xx burns")
    assert "fix_forward=true" in reason(service)
    assert service.highest_share == 0


def test_waits_for_an_alarm_of_the_candidate_that_an_earlier_rollout_has_left_behind() -> None:
    """Only the moment in which an alarm goes off is an event: one that burns already tells nothing."""
    service = Service().deployed()
    service.alarms.lit = {CANDIDATE}
    service.approve(2)
    service.run(seconds=120)
    assert (outcome(service), "CHECKED" in service.ledger.kinds(V2)) == ("RUNNING", False)
    service.alarms.lit = set()
    service.run()
    assert outcome(service) == "PROMOTED"


# --- alarms on the way -----------------------------------------------------------------------------------
def test_an_alarm_of_live_holds_the_step_and_rolls_nothing_back() -> None:
    service = stepping(Service().deployed())
    service.alarms.lit = {LIVE}
    service.run(seconds=500)
    assert outcome(service) == "RUNNING"
    assert service.endpoint.share() == pytest.approx(0.1)
    body = service.ledger.bodies("JUDGED")[-1]
    assert body["verdict"] == "CONTINUE"
    assert body["reason"] == "live is in trouble: alarm digits-live-5xx burns"
    service.alarms.lit = set()
    service.run()
    assert outcome(service) == "PROMOTED"


def test_no_step_is_held_longer_than_its_longest_bake() -> None:
    service = stepping(Service().deployed())
    service.alarms.lit = {LIVE}
    began = service.world.time
    service.run()
    assert (outcome(service), verdicts(service)[-1]) == ("ROLLED_BACK", "INCONCLUSIVE")
    assert "the longest bake is over" in reason(service)
    longest = service.plan.steps[0].max_bake_seconds
    assert service.ledger.bodies("JUDGED")[-1]["at"] - began < longest + 900


def test_alarms_are_asked_for_only_when_a_step_would_pass() -> None:
    service = Service().deployed()
    service.metrics.requests_per_second = 0.5
    service.approve(2)
    service.run()
    passes = verdicts(service).count("PASS")
    assert service.world.faults.log.count("cloudwatch.states") == passes + 1


# --- fix-forward -----------------------------------------------------------------------------------------
def burning() -> Service:
    service = fix_forward(Service().deployed())
    service.alarms.lit = {LIVE}
    service.metrics.rates[package(1)] = 0.6
    return service


def test_a_fix_is_promoted_over_a_burning_version() -> None:
    service = burning()
    service.approve(2)
    service.run(until=lambda: service.stack.package == package(2))
    service.alarms.lit.clear()
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.ledger.runs[V2].body["fix_forward"] is True
    assert {body["compare"] for body in service.ledger.bodies("JUDGED")} == {"absolute"}


def test_a_fix_that_is_better_than_live_and_not_good_goes_back() -> None:
    service = burning()
    service.metrics.rates[package(2)] = 0.05
    rolled_back(service)
    assert service.highest_share == pytest.approx(0.1)
    assert "where 1 % is tolerated" in reason(service)


def test_a_fix_is_not_promoted_by_a_comparison_with_what_is_broken() -> None:
    service = burning()
    service.metrics.rates[package(2)] = 0.0099
    service.approve(2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "e-value 1 of 20" in reason(service), "nothing was compared"
    assert all(
        body["buckets"] == [] or not body["buckets"][0]["live"]["requests"]
        for body in service.ledger.bodies("JUDGED")
    )


def test_a_fix_can_be_rolled_back() -> None:
    service = stepping(burning())
    service.alarm()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.endpoint.view().variant(CANDIDATE) is None


# --- both bad --------------------------------------------------------------------------------------------
def both_bad(policy: str, *, rate: float = 0.05) -> Service:
    service = Service().deployed()
    service.plan = replace(service.plan, on_both_bad=policy)
    service.metrics.rates = {package(1): rate, package(2): rate}
    service.approve(2)
    return service


def test_trouble_of_both_holds_the_rollout_until_it_is_over() -> None:
    service = both_bad("hold")
    service.run(until=lambda: "CONTINUE" in verdicts(service))
    assert service.endpoint.share() == pytest.approx(0.1)
    service.metrics.rates = {}
    service.run()
    assert outcome(service) == "PROMOTED"
    held = [body for body in service.ledger.bodies("JUDGED") if body.get("again")]
    assert held
    assert held[0]["reason"].startswith("live and candidate are both beyond their tolerance: 5xx: live ")


def test_trouble_of_both_that_does_not_end_is_inconclusive() -> None:
    service = both_bad("hold")
    service.run()
    assert (outcome(service), verdicts(service)[-1]) == ("ROLLED_BACK", "INCONCLUSIVE")
    assert service.highest_share == pytest.approx(0.1)
    assert "both beyond their tolerance" in reason(service)


@pytest.mark.parametrize(("policy", "end"), [("roll_back", "ROLLED_BACK"), ("needs_human", "NEEDS_HUMAN")])
def test_the_plan_may_decide_at_once_what_trouble_of_both_means(policy: str, end: str) -> None:
    service = both_bad(policy)
    service.run()
    assert (outcome(service), verdicts(service)) == (end, ["BOTH_BAD"])


def test_a_candidate_within_its_tolerance_goes_on_beside_a_live_version_that_is_not() -> None:
    service = both_bad("roll_back")
    service.metrics.rates[package(2)] = 0.0
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_candidate_that_is_worse_goes_back_though_the_old_version_is_in_trouble_and_says_so() -> None:
    service = both_bad("needs_human")
    service.metrics.rates[package(2)] = 0.3
    rolled_back(service)
    assert "; the old version is in trouble too: 5xx: live 270 bad of 5,400" in reason(service)


def test_a_shared_spike_within_the_tolerance_neither_holds_nor_rolls_back() -> None:
    service = both_bad("roll_back", rate=0.009)
    service.run(until=lambda: service.highest_share == 1.0)
    assert set(verdicts(service)) == {"PASS"}
