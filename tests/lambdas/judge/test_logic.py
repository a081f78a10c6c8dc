"""What the judge's handler counts, and what it does not let pass."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from judge.logic import Judge
from judge.measure import measure
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import START
from tidegate_runtime.errors import UnexpectedConfig
from tidegate_runtime.journal import Journal
from tidegate_runtime.metric_ports import SAGEMAKER
from tidegate_runtime.ports import LIVE
from tidegate_runtime.state import RunState

V2 = "v2-20261121T050102Z"


def judging() -> tuple[Service, RunState, Judge]:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    state = RunState.from_dict(next(iter(service.running.values())).state)
    journal = Journal(ledger=service.ledger, clock=service.world, rollout_id=V2)
    return (
        service,
        state,
        Judge(
            plan=service.plan,
            endpoint=service.endpoint,
            metrics=service.metrics,
            alarms=service.alarms,
            clock=service.world,
            journal=journal,
        ),
    )


def test_nothing_is_counted_before_a_whole_bucket_has_settled() -> None:
    service, state, judge = judging()
    service.world.time = state.since + 119
    assert judge(state).cursor == state.since
    service.world.time = state.since + 120
    assert judge(state).cursor == state.since + 60


def test_a_look_without_news_leaves_no_entry_in_the_ledger() -> None:
    service, state, judge = judging()
    assert judge(state).status == "CONTINUE"
    assert service.ledger.bodies("JUDGED") == []


def test_an_incomplete_answer_counts_nothing_and_moves_nothing() -> None:
    service, state, judge = judging()
    service.world.time = state.since + 300
    service.metrics.incomplete = True
    answer = judge(state)
    assert (answer.status, answer.cursor) == ("CONTINUE", state.since)
    service.metrics.incomplete = False
    assert judge(answer).cursor == state.since + 240


def test_a_pass_waits_until_the_endpoint_is_in_service() -> None:
    service, state, judge = judging()
    service.world.time = state.since + 120
    service.endpoint.change_count(LIVE, 4)
    held = judge(state)
    assert (held.status, held.step, held.passed_step) == ("CONTINUE", 0, -1)
    service.world.time += 300
    assert judge(held).status == "NEXT_STEP"


def test_a_step_that_is_held_for_ever_ends_inconclusive() -> None:
    service, state, judge = judging()
    service.world.time = state.since + 180
    service.metrics.requests_per_second = 1
    state = judge(state)
    service.metrics.incomplete = True
    service.world.time = state.since + 2_000
    late = judge(state)
    assert (late.verdict, late.status) == ("INCONCLUSIVE", "FAIL")


def test_rejects_to_judge_a_share_that_is_not_the_plans() -> None:
    _, state, judge = judging()
    with pytest.raises(UnexpectedConfig):
        judge(replace(state, weight_percent=50))


class _Late:
    """Metrics in which a bad answer's request was counted in the bucket before."""

    def sums(
        self,
        names: Sequence[tuple[str, str]],
        *,
        start: int,
        end: int,
        period: int,
        namespace: str = SAGEMAKER,
    ) -> Mapping[tuple[str, str], Mapping[int, float]]:
        return {name: ({} if name[1] == "Invocations" else {start: 2.0}) for name in names}


def test_a_bad_answer_is_a_request_whatever_bucket_the_request_fell_into() -> None:
    service, state, _ = judging()
    buckets = measure(state, plan=service.plan, metrics=_Late(), now=state.since + 120)
    assert (buckets[0].candidate.requests, buckets[0].candidate.bad["5xx"]) == (2, 2)
    assert buckets[0].start > START
