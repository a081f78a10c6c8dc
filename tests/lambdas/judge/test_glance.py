"""A look that costs half decides nothing that a whole look would have decided otherwise, or earlier."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

import judge.logic
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import package
from tests.lambdas.judge.test_logic import V2, judging
from tidegate_runtime.plan import Step

LIVE_AND_CANDIDATE = {"live", "candidate"}


class Asked:
    """Metrics that note which variants were asked for."""

    def __init__(self, service: Service) -> None:
        self.variants: list[set[str]] = []
        self._sums = service.metrics.sums
        service.metrics.sums = self.sums  # type: ignore[method-assign]

    def sums(self, names: Sequence[tuple[str, str]], **bounds: Any) -> Any:
        self.variants.append({variant for variant, _ in names})
        return self._sums(names, **bounds)


def with_bakes(service: Service, seconds: int) -> None:
    """Give the steps of a service's plan longer bakes."""
    steps = tuple(
        replace(step, min_bake_seconds=seconds, max_bake_seconds=10 * seconds) for step in service.plan.steps
    )
    service.plan = replace(service.plan, steps=steps)


def test_while_a_step_cannot_end_a_candidate_that_does_nothing_bad_is_read_alone() -> None:
    service = Service().deployed()
    with_bakes(service, 360)
    asked = Asked(service)
    service.approve(2)
    service.run(until=lambda: "JUDGED" in service.ledger.kinds(V2))
    assert asked.variants == [{"candidate"}, {"candidate"}, {"candidate"}, LIVE_AND_CANDIDATE]
    (body,) = service.ledger.bodies("JUDGED")
    assert len(body["buckets"]) == 4
    assert all(bucket["live"]["requests"] > 0 for bucket in body["buckets"])


def test_at_100_percent_and_under_watch_one_variant_is_read() -> None:
    service = Service().deployed()
    asked = Asked(service)
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2).count("SHIFTED") == 2)
    asked.variants.clear()
    service.run()
    assert asked.variants
    assert all(variants in ({"candidate"}, {"live"}) for variants in asked.variants)
    assert asked.variants[0] == {"candidate"}
    assert asked.variants[-1] == {"live"}


def test_a_bad_answer_is_compared_in_the_very_look_that_sees_it() -> None:
    service, state, judge_ = judging()
    with_bakes(service, 3_600)
    judge_ = replace(judge_, plan=service.plan)
    service.world.time = state.since + 120
    service.metrics.rates[package(2)] = 0.5
    assert judge_(state).status == "FAIL"


@pytest.mark.parametrize("seed", range(20))
def test_glances_change_no_decision_and_no_moment(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def decisions() -> list[tuple[float, str]]:
        service = Service().deployed()
        with_bakes(service, 600)
        service.plan = replace(service.plan, steps=tuple(_of(step) for step in service.plan.steps))
        random = Random(seed)
        bad = [random.choice((0, 0, 0, 1, 2, 5)) for _ in range(400)]
        service.metrics._value = _scripted(service, bad)  # type: ignore[method-assign]
        service.approve(2)
        service.run()
        ends = [body for body in service.ledger.bodies("JUDGED") if body["verdict"] != "CONTINUE"]
        return [(body["at"], body["verdict"]) for body in ends]

    with_glances = decisions()
    monkeypatch.setattr(judge.logic, "nothing_to_judge", lambda *_, **__: False)
    assert with_glances == decisions()
    assert with_glances


def _of(step: Step) -> Step:
    return replace(step, min_requests=1)


def _scripted(service: Service, bad: Sequence[int]) -> Any:
    first = int(service.world.time) // 60 * 60

    def value(variant: str, metric: str, at: int, period: int) -> float:
        shares: Mapping[str, tuple[float, str]] = service.endpoint.weights_at(at)
        share, served = shares.get(variant, (0.0, ""))
        if metric == "Invocations":
            return round(20 * period * share)
        errors = bad[(at - first) // period % len(bad)] if served == package(2) else 1
        return errors * (share > 0) if metric == "Invocation5XXErrors" else 0

    return value
