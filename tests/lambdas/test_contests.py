"""Champion and challenger compete for a reward, through both state machines: A/B tests and bandits."""

from dataclasses import replace
from typing import Any

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.plans import AB_TEST, BANDIT, contest_plan
from tests.lambdas.fakes.world import package
from tidegate_runtime.ports import LIVE

CHAMPION = 0.1
BETTER, WORSE, ALIKE = 0.15, 0.06, 0.1


def competing(contest: dict[str, Any], challenger: float, *, percent: int = 50) -> Service:
    """A service with version 1 live, whose version 2 gets so many rewards for a request."""
    service = Service().deployed()
    service.plan = contest_plan(contest, percent=percent)
    service.metrics.requests_per_second = 10
    service.metrics.rewards = {package(1): CHAMPION, package(2): challenger}
    return service


def finished(service: Service) -> Service:
    service.approve(2)
    service.run()
    return service


def shares(service: Service) -> list[int]:
    """Return the candidate's shares in the contest, in order."""
    entries = [(kind, body) for _, kind, body in service.ledger.entries if body.get("step") == 0]
    return [body["weight_percent"] for kind, body in entries if kind in ("SHIFTED", "REWEIGHED")]


def last_of_the_contest(service: Service) -> dict[str, Any]:
    return [body for body in service.ledger.bodies("JUDGED") if body["step"] == 0][-1]


# --- A/B ----------------------------------------------------------------------------------------------------
def test_a_challenger_that_wins_goes_on_to_everything_and_is_promoted() -> None:
    service = finished(competing(AB_TEST, BETTER))
    assert outcome(service) == "PROMOTED"
    won = last_of_the_contest(service)
    assert won["verdict"] == "PASS"
    assert won["reason"].startswith("the challenger has more rewards: ")
    assert won["contest"]["e_win"] >= 100 > won["contest"]["e_lose"]
    assert won["contest"]["ratio_lower"] < 1.5 < won["contest"]["ratio_upper"]
    assert shares(service) == [50]


def test_a_challenger_that_loses_is_rolled_back() -> None:
    service = finished(competing(AB_TEST, WORSE))
    assert outcome(service) == "ROLLED_BACK"
    lost = last_of_the_contest(service)
    assert (lost["verdict"], lost["contest"]["e_lose"] >= 100) == ("FAIL", True)
    assert lost["reason"].startswith("the challenger has fewer rewards: ")
    assert service.highest_share == pytest.approx(0.5)
    assert_back_on_baseline(service)


def test_fewer_may_be_better() -> None:
    service = finished(competing({**AB_TEST, "better": "fewer"}, WORSE))
    assert outcome(service) == "PROMOTED"
    assert last_of_the_contest(service)["reason"].startswith("the challenger has fewer rewards: ")


@pytest.mark.parametrize(
    ("policy", "verdict", "status"),
    [
        ("roll_back", "NO_DIFFERENCE", "ROLLED_BACK"),
        ("needs_human", "NO_DIFFERENCE", "NEEDS_HUMAN"),
        ("promote", "PASS", "PROMOTED"),
    ],
)
def test_without_a_difference_the_contests_policy_decides(policy: str, verdict: str, status: str) -> None:
    service = finished(competing({**AB_TEST, "on_no_difference": policy}, ALIKE))
    assert outcome(service) == status
    last = last_of_the_contest(service)
    assert last["verdict"] == verdict
    assert "no difference in rewards is certain after 3,600 s" in last["reason"]


def test_without_a_difference_nothing_goes_on_without_the_proof_of_a_promotion() -> None:
    service = competing({**AB_TEST, "on_no_difference": "promote"}, ALIKE)
    service.metrics.requests_per_second = 1
    service.metrics.rates = {package(1): 0.02, package(2): 0.02}
    finished(service)
    last = last_of_the_contest(service)
    assert (last["verdict"], outcome(service)) == ("INCONCLUSIVE", "ROLLED_BACK")
    assert last["reason"].endswith("and no proof by its errors allows to go on")


def test_a_candidate_with_errors_fails_however_many_rewards_it_gets() -> None:
    service = competing(AB_TEST, BETTER)
    service.metrics.rates[package(2)] = 0.05
    finished(service)
    assert outcome(service) == "ROLLED_BACK"
    assert last_of_the_contest(service)["reason"].startswith("5xx: ")


def test_a_winner_still_waits_for_the_planned_evidence() -> None:
    service = competing(AB_TEST, 0.5)
    service.metrics.requests_per_second = 2
    finished(service)
    looks = [body for body in service.ledger.bodies("JUDGED") if body["step"] == 0]
    early = [body["verdict"] for body in looks if body["step_requests"] < 400]
    assert early
    assert set(early) == {"CONTINUE"}
    assert looks[2]["contest"]["e_win"] >= 100
    assert outcome(service) == "PROMOTED"


def test_rewards_that_are_never_published_promote_nobody() -> None:
    service = competing({**AB_TEST, "on_no_difference": "promote"}, 0.0)
    service.metrics.rewards[package(1)] = 0.0
    finished(service)
    last = last_of_the_contest(service)
    assert (last["verdict"], outcome(service)) == ("NO_DATA", "ROLLED_BACK")
    assert "no reward of live and candidate was counted in 3,600 s" in last["reason"]


def test_nobody_wins_against_an_arm_whose_rewards_are_not_published() -> None:
    service = competing(AB_TEST, BETTER)
    service.metrics.rewards[package(1)] = 0.0
    finished(service)
    last = last_of_the_contest(service)
    assert last["contest"]["e_win"] > 100
    assert (last["verdict"], outcome(service)) == ("NO_DATA", "ROLLED_BACK")


def test_a_split_that_is_not_the_one_set_makes_the_contest_invalid() -> None:
    service = competing(AB_TEST, BETTER)
    service.metrics.skew = 0.2
    finished(service)
    last = last_of_the_contest(service)
    assert (last["verdict"], outcome(service)) == ("INCONCLUSIVE", "ROLLED_BACK")
    found = "the candidate got 480 of 1,080 requests where 50 % were set"
    assert last["reason"] == f"the contest is invalid: {found}; e-value 132 reaches 100"


def test_rewards_that_may_come_from_another_split_do_not_count() -> None:
    service = finished(competing({**AB_TEST, "reward_delay_seconds": 120}, BETTER))
    buckets = [b for body in service.ledger.bodies("JUDGED") if body["step"] == 0 for b in body["buckets"]]
    assert ["rewards" in bucket for bucket in buckets[:4]] == [False, False, True, True]
    assert outcome(service) == "PROMOTED"


def test_a_metric_that_does_not_count_rolls_back_with_the_reason() -> None:
    service = competing(AB_TEST, BETTER)
    service.metrics.reward_value = 12.5
    finished(service)
    assert outcome(service) == "ROLLED_BACK"
    assert "must count rewards, one each: got the sum" in service.ledger.runs[V2].body["reason"]


def test_incomplete_rewards_count_nothing_at_all() -> None:
    service = competing(AB_TEST, BETTER)
    service.metrics.incomplete_rewards = True
    finished(service)
    last = last_of_the_contest(service)
    assert (last["verdict"], last["buckets"], outcome(service)) == ("NO_DATA", [], "ROLLED_BACK")


# --- bandit -------------------------------------------------------------------------------------------------
def test_a_bandit_gives_the_better_challenger_more_until_it_has_won() -> None:
    service = competing(BANDIT, 0.125)
    finished(service)
    assert outcome(service) == "PROMOTED"
    course = shares(service)
    assert course[0] == 50
    assert max(course) > 80
    assert all(10 <= share <= 90 for share in course)
    assert last_of_the_contest(service)["verdict"] == "PASS"


def test_a_bandit_takes_traffic_from_the_worse_challenger_until_it_has_lost() -> None:
    service = finished(competing(BANDIT, 0.08))
    assert outcome(service) == "ROLLED_BACK"
    assert min(shares(service)) < 20
    assert service.highest_share == pytest.approx(0.5)
    assert last_of_the_contest(service)["verdict"] == "FAIL"
    assert_back_on_baseline(service)


def test_a_bandit_without_a_difference_stays_within_its_floors() -> None:
    service = finished(competing(BANDIT, 0.1005))
    assert last_of_the_contest(service)["verdict"] == "NO_DIFFERENCE"
    assert all(10 <= share <= 90 for share in shares(service))


def test_a_new_split_is_set_only_after_the_planned_evidence_and_the_time_of_the_split_before() -> None:
    service = finished(competing(BANDIT, 0.125))
    moved = [body for body in service.ledger.bodies("JUDGED") if body["verdict"] == "REWEIGH"]
    assert moved
    for body in moved:
        assert body["step_requests"] >= 400
        assert body["contest"]["target_percent"] != body["weight_percent"]
    starts = [
        (body["weight_percent"], bucket["start"])
        for body in service.ledger.bodies("JUDGED")
        if body["step"] == 0
        for bucket in body["buckets"]
    ]
    for share in set(shares(service)[:-1]):
        own = [start for weight, start in starts if weight == share]
        assert max(own) - min(own) >= 240


def test_evidence_is_kept_when_the_split_changes() -> None:
    service = finished(competing(BANDIT, 0.125))
    looks = [body for body in service.ledger.bodies("JUDGED") if body["step"] == 0]
    requests = [body["step_requests"] for body in looks]
    assert requests == sorted(requests)
    rewards = [body["contest"]["candidate_rewards"] for body in looks]
    assert rewards == sorted(rewards)


def test_no_bucket_counts_that_began_before_its_split_was_observed() -> None:
    service = finished(competing(BANDIT, 0.125))
    for body in service.ledger.bodies("JUDGED"):
        if body["step"] == 0:
            for bucket in body["buckets"]:
                total = bucket["live"]["requests"] + bucket["candidate"]["requests"]
                assert bucket["candidate"]["requests"] == pytest.approx(
                    total * body["weight_percent"] / 100, abs=1
                )


def test_a_bandit_with_errors_fails_and_does_not_get_more() -> None:
    service = competing(BANDIT, 0.125)
    service.run_hook = lambda: _errors_from(service, 900)
    service.approve(2)
    service.run(until=service.run_hook)
    assert outcome(service) == "ROLLED_BACK"
    assert last_of_the_contest(service)["reason"].startswith("5xx: ")


def _errors_from(service: Service, seconds: float) -> bool:
    if "REWEIGHED" in service.ledger.kinds(V2):
        service.metrics.rates[package(2)] = 0.05
    return False


def test_the_winner_of_a_bandit_is_the_live_version_in_the_end() -> None:
    service = finished(competing(BANDIT, 0.125))
    assert service.endpoint.served_by(LIVE) == package(2)
    assert service.ledger.held is None


def test_a_fix_forward_is_no_contest() -> None:
    """Live burns, so nothing is compared with it: the step asks for the absolute tolerances alone."""
    service = competing(AB_TEST, WORSE)
    known = service.registry.package_now(package(2))
    service.registry.packages[known.arn] = replace(known, fix_forward=True)
    finished(service)
    assert outcome(service) == "PROMOTED"
    assert all("contest" not in body for body in service.ledger.bodies("JUDGED"))


def test_an_alarm_of_live_holds_a_new_split_as_it_holds_a_step() -> None:
    service = competing(BANDIT, 0.125)
    service.approve(2)
    service.run(until=lambda: "SHIFTED" in service.ledger.kinds(V2))
    service.alarms.lit = {LIVE}
    service.run(seconds=1_800)
    assert "REWEIGHED" not in service.ledger.kinds(V2)
    assert last_of_the_contest(service)["reason"].startswith("live is in trouble: ")


def test_a_contest_with_both_arms_beyond_their_tolerance_begins_again() -> None:
    service = competing(AB_TEST, BETTER)
    service.metrics.rates = {package(1): 0.05, package(2): 0.05}
    service.approve(2)
    service.run(until=lambda: any(body.get("again") for body in service.ledger.bodies("JUDGED")))
    service.metrics.rates = {}
    first = len(service.ledger.bodies("JUDGED"))
    service.run()
    assert outcome(service) == "PROMOTED"
    anew = service.ledger.bodies("JUDGED")[first]
    assert anew["contest"]["live_requests"] == anew["buckets"][0]["live"]["requests"]


def test_an_operator_who_holds_a_bandit_keeps_its_split() -> None:
    service = competing(BANDIT, 0.125)
    service.approve(2)
    service.run(until=lambda: "SHIFTED" in service.ledger.kinds(V2))
    service.operate("hold")
    service.run(seconds=1_500)
    assert shares(service) == [50]
    service.operate("resume")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_hold_between_the_judges_word_and_the_new_split_leads_back_to_the_evidence() -> None:
    service = competing(BANDIT, 0.125)
    service.approve(2)

    def asked_for() -> bool:
        looks = [body for body in service.ledger.bodies("JUDGED") if body["verdict"] == "REWEIGH"]
        return bool(looks) and "REWEIGHED" not in service.ledger.kinds(V2)

    service.run(until=asked_for)
    service.operate("hold")
    service.run(seconds=900)
    assert shares(service) == [50]
    service.operate("resume")
    service.run()
    assert outcome(service) == "PROMOTED"
