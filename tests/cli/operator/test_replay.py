"""The ledger's counts give the recorded judgements again; what was touched afterwards does not."""

import copy
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.operator import recorded
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.plans import PLAN
from tests.lambdas.fakes.world import package
from tidegate_cli.operator.ledger import LogEntry, Run
from tidegate_cli.operator.replay import Replay, replay
from tidegate_runtime.judge.judgement import Verdict

RECORDED = [recorded.promoted, recorded.failed, recorded.inconclusive, recorded.silent, recorded.aborted]


def _judged(service: Service) -> int:
    return service.ledger.kinds(V2).count("JUDGED")


def _with_body(run: Run, number: int, change: Callable[[dict[str, Any]], object]) -> Run:
    """Return a rollout of which the body of one JUDGED entry was changed."""
    judged = [entry for entry in run.log if entry.kind == "JUDGED"][number]
    body = copy.deepcopy(dict(judged.body))
    change(body)
    changed = LogEntry(kind=judged.kind, at=judged.at, body=body)
    log = tuple(changed if entry is judged else entry for entry in run.log)
    return dataclasses.replace(run, log=log)


def _replayed(run: Run) -> Replay:
    return replay(run, PLAN)


@pytest.mark.parametrize("make", [recorded.shadowed, recorded.failed_as_shadow])
def test_what_was_judged_on_copies_comes_out_as_recorded_and_is_evidence_of_nothing_else(
    make: Callable[[], Service],
) -> None:
    service = make()
    run = recorded.run_of(service)
    again = replay(run, service.plan)
    assert len(again.looks) == _judged(service) > 0
    assert (again.differences, again.gaps) == ((), ())
    kinds = [point.kind for look in again.looks for point in look.points]
    assert kinds[0] == "shadow"
    assert kinds == sorted(kinds, key=["shadow", "relative", "absolute", "watch"].index)
    assert again.looks[0].when.startswith("the shadow at ")


def test_a_shadow_that_the_plan_on_record_does_not_know_cannot_be_judged_again() -> None:
    again = _replayed(recorded.run_of(recorded.failed_as_shadow()))
    assert "no shadow phase" in again.differences[0]


@pytest.mark.parametrize("make", RECORDED)
def test_every_judgement_of_a_recorded_rollout_comes_out_as_recorded(make: Callable[[], Service]) -> None:
    service = make()
    again = _replayed(recorded.run_of(service))
    assert len(again.looks) == _judged(service) > 0
    assert again.differences == ()
    assert again.gaps == ()
    for look in again.looks:
        assert look.judgement is not None
        assert look.judgement.verdict.value == look.entry.body["verdict"]
        assert look.judgement.reason == look.entry.body["reason"]


def test_the_evidence_reaches_its_threshold_only_where_the_judge_failed() -> None:
    worst = {
        make: max(p.log10_e for look in _replayed(recorded.run_of(make())).looks for p in look.points)
        for make in (recorded.promoted, recorded.failed)
    }
    assert worst[recorded.promoted] < 2 <= worst[recorded.failed]


@pytest.mark.parametrize(
    ("variant", "field"), [("candidate", "requests"), ("live", "requests"), ("candidate", "bad")]
)
def test_one_count_that_was_changed_by_one_is_noticed(variant: str, field: str) -> None:
    def change(body: dict[str, Any]) -> None:
        counts = body["buckets"][0][variant]
        if field == "bad":
            counts["bad"]["5xx"] += 1
        else:
            counts["requests"] += 1

    run = _with_body(recorded.run_of(recorded.promoted()), 0, change)
    differences = _replayed(run).differences
    assert differences
    assert any(field in text for text in differences)
    assert differences[0].startswith("step 1 at ")


def test_a_verdict_that_was_changed_is_noticed() -> None:
    run = _with_body(recorded.run_of(recorded.failed()), 0, lambda body: body.update(verdict="PASS"))
    assert [text.partition(": ")[2] for text in _replayed(run).differences] == [
        "recorded PASS, replayed FAIL"
    ]


def test_an_e_value_that_was_changed_is_noticed() -> None:
    run = _with_body(
        recorded.run_of(recorded.failed()), 0, lambda body: body["signals"][0].update(e_value=2.0)
    )
    (difference,) = _replayed(run).differences
    assert "e_value of 5xx: recorded 2, replayed 1.8" in difference


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["buckets"][0]["candidate"]["bad"].update({"5xx": 10**6}),
        lambda body: body["buckets"][0].pop("live"),
        lambda body: body.update(step=9),
        lambda body: body.update(buckets=[None]),
    ],
)
def test_counts_that_cannot_be_are_told_and_end_nothing(change: Callable[[dict[str, Any]], object]) -> None:
    again = _replayed(_with_body(recorded.run_of(recorded.promoted()), 0, change))
    assert "it cannot be judged again: " in again.differences[0]
    assert len(again.looks) == 3


def test_another_plan_than_the_one_in_force_is_noticed() -> None:
    strict = dataclasses.replace(PLAN, alpha=1e-30)
    differences = replay(recorded.run_of(recorded.failed()), strict).differences
    assert any("recorded FAIL, replayed " in text for text in differences)


def test_a_judgement_that_the_ledger_lost_is_named_as_a_gap() -> None:
    run = recorded.run_of(recorded.inconclusive())
    lost = [entry for entry in run.log if entry.kind == "JUDGED"][4]
    log = tuple(entry for entry in run.log if entry is not lost)
    again = _replayed(dataclasses.replace(run, log=log))
    start = lost.body["buckets"][0]["start"]
    assert again.gaps == (f"60 s before {start + 60} are not on record",)
    assert again.differences


def test_a_judgement_that_was_recorded_twice_counts_as_it_was_read_last() -> None:
    run = recorded.run_of(recorded.inconclusive())
    last = [entry for entry in run.log if entry.kind == "JUDGED"][-1]
    body = json.loads(json.dumps(last.body))
    body["buckets"][0]["candidate"]["bad"]["5xx"] += 5
    stopped = LogEntry(kind="JUDGED", at=last.at - 1, body=body)
    log = tuple(each for entry in run.log for each in ((stopped, entry) if entry is last else (entry,)))
    again = _replayed(dataclasses.replace(run, log=log))
    assert again.looks[-1].differences == ()
    assert len(again.looks) == _judged(recorded.inconclusive()) + 1


def test_a_pass_that_the_controller_held_back_is_no_difference() -> None:
    held = {"verdict": "CONTINUE", "judged": "PASS"}
    run = _with_body(recorded.run_of(recorded.promoted()), 0, lambda body: body.update(held))
    assert _replayed(run).differences == ()


def test_measurements_that_never_came_end_the_rollout_by_the_clock_and_that_is_no_difference() -> None:
    service = Service().deployed()
    service.metrics.incomplete = True
    service.approve(2)
    service.run()
    again = _replayed(recorded.run_of(service))
    assert again.differences == ()
    assert again.looks[-1].entry.body["verdict"] == "NO_DATA"


def test_rates_come_with_intervals_that_contain_them() -> None:
    look = _replayed(recorded.run_of(recorded.failed())).looks[-1]
    assert look.judgement is not None
    assert look.judgement.verdict is Verdict.FAIL
    rates = look.intervals[0]
    assert (rates.candidate.bad, rates.candidate.requests) == (30, 600)
    assert rates.candidate.lower < 0.05 < rates.candidate.upper
    assert rates.live.upper < rates.candidate.lower


def test_each_bucket_of_a_rollout_that_turns_bad_under_watch_is_judged_anew() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "PROMOTED" in service.ledger.kinds(V2))
    service.metrics.rates[package(2)] = 0.2
    service.run()
    again = _replayed(recorded.run_of(service))
    assert again.differences == ()
    assert [point.kind for look in again.looks for point in look.points][-1] == "watch"


def _trouble(*, fix_forward: bool) -> Service:
    """Both versions are bad for a while; or live is, and the new version is to put it out."""
    service = Service().deployed()
    service.metrics.rates = {package(1): 0.05, package(2): 0.0 if fix_forward else 0.05}
    known = service.registry.package_now(package(2))
    service.registry.packages[known.arn] = dataclasses.replace(known, fix_forward=fix_forward)
    service.approve(2)
    if not fix_forward:
        service.run(until=lambda: any(body.get("again") for body in service.ledger.bodies("JUDGED")))
        service.metrics.rates = {}
    service.run()
    return service


@pytest.mark.parametrize("fix_forward", [False, True])
def test_a_rollout_through_trouble_comes_out_as_recorded(fix_forward: bool) -> None:
    service = _trouble(fix_forward=fix_forward)
    again = _replayed(recorded.run_of(service))
    assert len(again.looks) == _judged(service) > 2
    assert (again.differences, again.gaps) == ((), ())


def test_a_repeated_step_that_was_recorded_twice_by_a_stopped_handler_is_no_difference() -> None:
    run = recorded.run_of(_trouble(fix_forward=False))
    repeated = next(entry for entry in run.log if entry.body.get("again"))
    stopped = LogEntry(kind="JUDGED", at=repeated.at - 1, body=repeated.body)
    log = tuple(one for entry in run.log for one in ((stopped, entry) if entry is repeated else (entry,)))
    again = _replayed(dataclasses.replace(run, log=log))
    assert (again.differences, again.gaps) == ((), ())
