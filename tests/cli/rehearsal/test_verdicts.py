"""A rehearsal passes only when everything ended as it should."""

from dataclasses import replace

import pytest

from tidegate_cli.operator.ledger import LogEntry, Run
from tidegate_cli.rehearsal.account import Account, Line
from tidegate_cli.rehearsal.result import Rehearsal
from tidegate_cli.rehearsal.verdicts import about_account, about_rollouts

PACKAGES = {"v1": "arn:1", "v2": "arn:2", "v3": "arn:3"}
ACCOUNT = Account(sent=10, served={"live": 10}, failed={}, lines=())


def _runs() -> dict[str, Run]:
    log = (
        LogEntry(kind="JUDGED", at=1, body={"verdict": "FAIL"}),
        LogEntry(kind="WEIGHT_ZERO", at=2, body={}),
    )
    return {
        "v1": Run(rollout_id="v1", status="PROMOTED", body={"first": True}),
        "v2": Run(rollout_id="v2", status="PROMOTED", body={}),
        "v3": Run(rollout_id="v3", status="ROLLED_BACK", body={"reason": "5xx"}, log=log),
    }


def _wrong(runs: dict[str, Run], pointer: str | None = "arn:2") -> list[str]:
    return [check.what for check in about_rollouts(runs, PACKAGES, pointer=pointer) if not check.ok]


def test_three_rollouts_that_ended_as_they_should_pass() -> None:
    assert _wrong(_runs()) == []


@pytest.mark.parametrize(
    ("version", "change", "what"),
    [
        ("v1", {"body": {}}, "v1 becomes the first version"),
        ("v2", {"status": "ROLLED_BACK"}, "v2 is promoted"),
        ("v3", {"status": "PROMOTED"}, "the judge fails v3, which is rolled back"),
        ("v3", {"status": "NEEDS_HUMAN"}, "the judge fails v3, which is rolled back"),
    ],
)
def test_rejects_a_rollout_that_ended_otherwise(version: str, change: dict[str, object], what: str) -> None:
    runs = _runs()
    runs[version] = replace(runs[version], **change)  # type: ignore[arg-type]
    assert _wrong(runs) == [what]


def test_rejects_a_rollback_that_the_judge_did_not_decide() -> None:
    runs = _runs()
    runs["v3"] = replace(runs["v3"], log=runs["v3"].log[1:])
    assert _wrong(runs) == ["the judge fails v3, which is rolled back"]


def test_rejects_a_rollback_whose_weight_0_nobody_saw() -> None:
    runs = _runs()
    runs["v3"] = replace(runs["v3"], log=runs["v3"].log[:1])
    assert _wrong(runs) == ["v3's weight 0 was observed"]


@pytest.mark.parametrize("pointer", [None, "arn:1", "arn:3"])
def test_rejects_a_pointer_that_names_another_version(pointer: str | None) -> None:
    assert _wrong(_runs(), pointer) == ["the live pointer names v2"]


def _account_faults(account: Account, rate: float) -> list[str]:
    return [check.what for check in about_account(account, rate=rate, at_least=100) if not check.ok]


def test_traffic_that_is_fast_and_accounted_for_passes() -> None:
    assert _account_faults(ACCOUNT, 199.0) == []


def test_rejects_traffic_that_is_too_slow() -> None:
    assert _account_faults(ACCOUNT, 99.0) == ["at least 100 requests a second"]


def test_rejects_a_difference_and_names_it() -> None:
    line = Line(what="answered by live", client=9, other=10, source="CloudWatch Invocations")
    account = replace(ACCOUNT, lines=(line,))
    check = about_account(account, rate=200, at_least=100)[0]
    assert not check.ok
    assert check.found == "answered by live: -1"


def test_rejects_a_request_that_failed_without_a_models_fault() -> None:
    account = replace(ACCOUNT, failed={("ReadTimeoutError", "-"): 2})
    assert _account_faults(account, 200) == ["no request failed but by a model's own error"]


def test_the_candidates_requests_belong_to_the_rollout_in_flight(rehearsal: Rehearsal) -> None:
    _, better, broken = rehearsal.rollouts
    assert {record.version for record in better.candidate} == {"v2"}
    assert {record.version for record in broken.candidate} == {"v3", "-"}
    assert broken.candidate_errors == sum(record.version == "-" for record in broken.candidate) > 0
    assert better.candidate_errors == 0


def test_the_time_to_a_decision_ends_with_the_verdict(rehearsal: Rehearsal) -> None:
    _, better, broken = rehearsal.rollouts
    promoted, judged = better.run.first("PROMOTED"), broken.run.last("JUDGED")
    assert promoted is not None
    assert judged is not None
    assert better.seconds_to_decision == promoted.at - better.run.started_at
    assert broken.seconds_to_decision == judged.at - broken.run.started_at
    assert rehearsal.rollouts[0].seconds_to_decision is None
