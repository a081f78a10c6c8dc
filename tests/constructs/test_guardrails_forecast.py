"""What alarms see: the figures agree with a simulation, and say where an alarm is blind."""

from dataclasses import replace
from fractions import Fraction
from math import comb, sqrt
from random import Random
from statistics import NormalDist

import pytest

from tidegate import DeclaredTraffic, RolloutPlan, Signal
from tidegate._guardrails_plan import ALARM_MIN_REQUESTS
from tidegate.guardrails_forecast import BakeForecast, bad_minute, guardrails_forecast

SIGNAL = Signal.server_errors(max_rate=0.01)


def plan(*shares: int) -> RolloutPlan:
    """Return a plan of ten minutes at each share."""
    return replace(RolloutPlan.stepped(percents=shares).by_guardrails(), signals=(SIGNAL,))


def of(*shares: int, rate: float, ratio: float = 3.0, base: float = 0.005) -> tuple[BakeForecast, ...]:
    traffic = DeclaredTraffic(requests_per_second=rate, base_error_rate=base, ratio=ratio)
    return guardrails_forecast(plan(*shares), traffic).bakes


@pytest.mark.parametrize(("requests", "rate"), [(20, 0.02), (150, 0.015), (150, 0.002), (1_000, 0.009)])
def test_the_chance_of_a_bad_minute_is_the_exact_one(requests: int, rate: float) -> None:
    least = -(-requests // 100)
    p = Fraction(rate)
    below = sum(comb(requests, bad) * p**bad * (1 - p) ** (requests - bad) for bad in range(least))
    assert bad_minute(requests, rate, 0.01) == pytest.approx(float(1 - below), rel=1e-9)


def test_the_chance_of_a_bad_minute_with_much_traffic_is_nearly_the_normal_one() -> None:
    requests, rate = 60_000, 0.0102
    normal = NormalDist(requests * rate, sqrt(requests * rate * (1 - rate)))
    assert bad_minute(requests, rate, 0.01) == pytest.approx(1 - normal.cdf(599.5), abs=0.005)


def test_the_chance_to_be_seen_and_the_bad_answers_agree_with_a_simulation() -> None:
    random, runs, seen, bad_answers = Random(2), 1_000, 0, 0
    chance = bad_minute(150, 0.015, 0.01)
    for _ in range(runs):
        row = 0
        for _ in range(10):
            bad_answers += sum(random.random() < 0.015 for _ in range(150))
            row = row + 1 if random.random() < chance else 0
            if row == 3:
                seen += 1
                break
    (bake,) = of(100, rate=2.5)
    assert bake.requests_a_minute == 150
    assert bake.seen == pytest.approx(seen / runs, abs=0.05)
    assert bake.bad_answers == pytest.approx(bad_answers / runs, rel=0.06)
    assert bake.bad_answers_unseen == pytest.approx(10 * 150 * 0.015)


def test_a_share_with_too_few_requests_a_minute_sees_nothing_and_is_named() -> None:
    traffic = DeclaredTraffic(requests_per_second=2, base_error_rate=0.005)
    found = guardrails_forecast(plan(10, 100), traffic)
    first, last = found.bakes
    assert (first.requests_a_minute < ALARM_MIN_REQUESTS, first.blind, first.seen) == (True, True, 0.0)
    assert first.bad_answers == first.bad_answers_unseen > 0
    assert not last.blind
    assert found.blind == ("10 %",)


def test_more_traffic_sees_more_and_blames_a_sound_version_less() -> None:
    less, more = of(50, 100, rate=5), of(50, 100, rate=50)
    assert all(few.seen <= many.seen for few, many in zip(less, more, strict=True))
    assert more[-1].false_alarm < less[-1].false_alarm


def test_the_signal_whose_alarm_sees_least_is_told() -> None:
    signals = (Signal.server_errors(max_rate=0.01), Signal.model_errors(max_rate=0.05))
    by_guardrails = replace(plan(100), signals=signals)
    found = guardrails_forecast(by_guardrails, DeclaredTraffic(requests_per_second=50, base_error_rate=0.005))
    assert found.signal == "model_errors"
    assert found.minutes_in_a_row == 3
    assert (found.seen, found.false_alarm, found.bad_answers) == (
        found.bakes[-1].seen,
        found.bakes[-1].false_alarm,
        found.bakes[-1].bad_answers,
    )


@pytest.mark.parametrize(("rate", "chance"), [(1.0, 1.0), (0.5, 1.0)])
def test_a_version_that_fails_nearly_everything_has_bad_minutes_only(rate: float, chance: float) -> None:
    assert bad_minute(100, rate, 0.01) == pytest.approx(chance)


def test_rejects_a_plan_that_the_judge_carries_out() -> None:
    with pytest.raises(ValueError, match="only of a plan by guardrails"):
        guardrails_forecast(RolloutPlan.canary(), DeclaredTraffic(requests_per_second=5))
