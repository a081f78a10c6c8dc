"""What operators are shown of a contest, and whether it is judged again exactly."""

import copy
import dataclasses
from typing import Any

import pytest
from rich.console import Console

from tests.cli.operator import recorded
from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.plans import AB_TEST, BANDIT, contest_document, contest_plan
from tidegate_cli.operator.explain import Explanation
from tidegate_cli.operator.explain_page import render
from tidegate_cli.operator.explain_view import explanation_parts
from tidegate_cli.operator.history import PastRollout
from tidegate_cli.operator.ledger import LogEntry, Run
from tidegate_cli.operator.replay import replay
from tidegate_cli.operator.stages import stages_of
from tidegate_cli.operator.status import Status, rollout_status
from tidegate_cli.operator.status_view import status_line

WON, LOST = (AB_TEST, 0.13), (AB_TEST, 0.075)
BANDIT_WON, BANDIT_LOST, BANDIT_UNDECIDED = (BANDIT, 0.125), (BANDIT, 0.08), (BANDIT, 0.1004)


def explained(contest: dict[str, Any], challenger: float) -> Explanation:
    run = recorded.run_of(recorded.contested(contest, challenger))
    return recorded.explained(run, contest_document(contest))


def printed(found: Explanation) -> str:
    console = Console(width=200, record=True, file=None, force_terminal=False)
    with console.capture() as capture:
        for part in explanation_parts(found, width=200, plain=True):
            console.print(part)
    return capture.get()


@pytest.mark.parametrize(
    ("contest", "challenger"),
    [WON, LOST, BANDIT_WON, BANDIT_LOST, BANDIT_UNDECIDED, ({**AB_TEST, "reward_delay_seconds": 180}, 0.13)],
)
def test_every_judgement_of_a_contest_comes_out_as_recorded(
    contest: dict[str, Any], challenger: float
) -> None:
    again = replay(recorded.run_of(recorded.contested(contest, challenger)), contest_plan(contest))
    assert len(again.looks) > 3
    assert (again.differences, again.gaps) == ((), ())
    for look in again.looks:
        assert look.judgement is not None
        assert look.judgement.verdict.value == look.entry.body["verdict"]
        assert look.judgement.reason == look.entry.body["reason"]


def test_one_reward_that_was_changed_by_one_is_noticed() -> None:
    def change(body: dict[str, Any]) -> None:
        body["buckets"][0]["rewards"]["candidate"] += 1

    differences = replay(_changed(*BANDIT_WON, change), contest_plan(BANDIT)).differences
    assert any("candidate_rewards of the contest: recorded " in text for text in differences)


def test_a_contest_that_was_taken_off_the_record_is_noticed() -> None:
    differences = replay(_changed(*WON, lambda body: body.pop("contest")), contest_plan(AB_TEST)).differences
    assert any("only one of record and replay has a contest" in text for text in differences)


def test_another_split_than_the_recorded_one_is_noticed() -> None:
    run = recorded.run_of(recorded.contested(*BANDIT_WON))
    moved = next(entry for entry in run.log if entry.kind == "REWEIGHED")
    other = LogEntry(kind=moved.kind, at=moved.at, body={**moved.body, "weight_percent": 60})
    log = tuple(other if entry is moved else entry for entry in run.log)
    differences = replay(dataclasses.replace(run, log=log), contest_plan(BANDIT)).differences
    assert any("share_percent of the contest: recorded 90, replayed 60" in text for text in differences)


def _changed(contest: dict[str, Any], challenger: float, change: Any) -> Run:
    run = recorded.run_of(recorded.contested(contest, challenger))
    judged = next(entry for entry in run.log if entry.kind == "JUDGED")
    body = copy.deepcopy(dict(judged.body))
    change(body)
    other = LogEntry(kind=judged.kind, at=judged.at, body=body)
    return dataclasses.replace(run, log=tuple(other if entry is judged else entry for entry in run.log))


@pytest.mark.parametrize(
    ("contest", "challenger", "sentence"),
    [
        (*WON, "v2 was promoted: every signal was proven to be within its tolerance"),
        (*LOST, "v2 was rolled back: the challenger lost its contest"),
        (*BANDIT_UNDECIDED, "v2 was rolled back: its contest ended without a winner"),
    ],
)
def test_the_cause_names_the_contest(contest: dict[str, Any], challenger: float, sentence: str) -> None:
    assert explained(contest, challenger).sentence == sentence


def test_a_wrong_split_is_the_cause() -> None:
    service = recorded.contested(AB_TEST, 0.13, seconds=1)
    service.metrics.skew = 0.3
    service.run()
    found = recorded.explained(recorded.run_of(service), contest_document(AB_TEST))
    why = "its contest is invalid, since the requests were not split as it was set"
    assert found.sentence == f"v2 was rolled back: {why}"


def test_an_explanation_shows_rewards_ratio_evidence_both_ways_and_the_course_of_the_split() -> None:
    found = explained(*BANDIT_WON)
    shown = printed(found)
    assert "Contest, as it stood at " in shown
    assert " rewards for " in shown
    assert "times live's rate (" in shown
    assert " for it and " in shown
    assert " that the requests were not split as it was set" in shown
    assert "course of the candidate's share: 50 %, 90 %" in shown
    assert "50 to 90 %" in shown
    assert "course of the candidate&#x27;s share: 50 %, 90 %" in render(found)
    assert [split.percent for split in found.splits] == [50, 90]


def test_a_rollout_without_a_contest_shows_none() -> None:
    found = recorded.explained(recorded.run_of(recorded.promoted()))
    assert (found.contest, found.splits) == (None, ())
    assert "Contest" not in printed(found)


def test_a_status_during_a_bandit_shows_the_split_of_now_and_how_it_stands() -> None:
    service = recorded.contested(*BANDIT_WON, seconds=1)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["REWEIGHED"])
    run = recorded.run_of(service)
    status = rollout_status(run, contest_document(BANDIT), now=service.world.time)
    assert (status.step, status.planned_percent) == (1, 90)
    assert status.next == "evidence at this share"
    assert status.last_decision is not None
    assert status.last_decision.reason == "90 % to the candidate"
    whole = Status(
        endpoint="digits",
        endpoint_status="InService",
        candidate_share=0.9,
        live_package_arn=None,
        rollout=status,
    )
    assert "; the better arm with a probability of " in status_line(whole)


def test_the_time_left_counts_from_the_begin_of_the_step() -> None:
    service = recorded.contested(*BANDIT_WON, seconds=1)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["REWEIGHED"])
    run = recorded.run_of(service)
    begun = next(entry.at for entry in run.log if entry.kind == "SHIFTED")
    status = rollout_status(run, contest_document(BANDIT), now=service.world.time)
    assert status.time_left is not None
    assert status.time_left.at_most == pytest.approx(3_600 - (service.world.time - begun))


def test_the_history_knows_the_largest_share_of_a_bandit() -> None:
    service = recorded.contested(*BANDIT_WON, seconds=1)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["REWEIGHED"])
    assert PastRollout.of(recorded.run_of(service)).highest_percent == 90


def test_a_new_split_begins_no_new_stage() -> None:
    stages = stages_of(recorded.run_of(recorded.contested(*BANDIT_WON)))
    assert [stage.name for stage in stages] == ["step 1", "step 2", "watch"]
    assert (stages[0].weight_percent, stages[0].last_percent) == (50, 90)
