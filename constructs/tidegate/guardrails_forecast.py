"""What the alarms of a plan by SageMaker's guardrails see at a declared traffic, and how soon.

Computed, not simulated: the chance that a minute is bad is a binomial tail, and an alarm goes off after so
many bad minutes in a row. Each bake is taken by itself, and so is each minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, exp, lgamma, log, log1p

from tidegate._guardrails_plan import ALARM_MIN_REQUESTS
from tidegate._guardrails_rules import ALARM_PERIOD_SECONDS, datapoints
from tidegate.declared_traffic import DeclaredTraffic
from tidegate.rollout_plan import RolloutPlan
from tidegate.signal import Signal

_NEGLIGIBLE = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class BakeForecast:
    """What to expect of one bake, of those that come so far.

    Attributes:
        weight_percent: Share of the new fleet.
        bake_seconds: How long SageMaker waits at this share.
        requests_a_minute: Requests of the new fleet in a minute.
        blind: Whether that is too few for an alarm to judge: then nothing is seen in this bake.
        seen: Chance that an alarm has gone off on a regressed version by the end of this bake.
        false_alarm: The same on a version as good as live.
        bad_answers: Bad answers of a regressed version to expect until the alarm goes off or this bake ends.
        bad_answers_unseen: The same if the alarm never went off.

    """

    weight_percent: int
    bake_seconds: int
    requests_a_minute: int
    blind: bool
    seen: float
    false_alarm: float
    bad_answers: float
    bad_answers_unseen: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailsForecast:
    """What to expect of a rollout that SageMaker's guardrails carry out, before the watch.

    Attributes:
        traffic: The declared traffic.
        signal: Name of the signal whose alarm sees the regression least; the figures are of this one alone.
        base_error_rate: Live's share of bad requests.
        minutes_in_a_row: Bad minutes after which the alarm goes off.
        bakes: The bakes.

    """

    traffic: DeclaredTraffic
    signal: str
    base_error_rate: float
    minutes_in_a_row: int
    bakes: tuple[BakeForecast, ...]

    @property
    def seen(self) -> float:
        """Chance that an alarm takes a regressed version back before the promotion."""
        return self.bakes[-1].seen

    @property
    def bad_answers(self) -> float:
        """Bad answers of a regressed version to expect until then, or until the promotion."""
        return self.bakes[-1].bad_answers

    @property
    def false_alarm(self) -> float:
        """Chance that an alarm of this signal takes a version back that is as good as live."""
        return self.bakes[-1].false_alarm

    @property
    def blind(self) -> tuple[str, ...]:
        """The shares at which no alarm can see anything at this traffic."""
        return tuple(f"{bake.weight_percent} %" for bake in self.bakes if bake.blind)


def guardrails_forecast(plan: RolloutPlan, traffic: DeclaredTraffic) -> GuardrailsForecast:
    """Return what to expect of a plan by guardrails.

    Raises:
        ValueError: the plan is not by guardrails.

    Example:
        guardrails_forecast(plan.by_guardrails(), DeclaredTraffic(requests_per_second=50))

    """
    if not plan.is_by_guardrails:
        raise ValueError("only of a plan by guardrails: `rollout_forecast.forecast` knows the others")
    found = [_of_signal(plan, traffic, signal) for signal in plan.signals]
    return min(found, key=lambda one: one.seen)


def _of_signal(plan: RolloutPlan, traffic: DeclaredTraffic, signal: Signal) -> GuardrailsForecast:
    base = traffic.base_error_rate if traffic.base_error_rate is not None else signal.max_rate
    return GuardrailsForecast(
        traffic=traffic,
        signal=signal.name,
        base_error_rate=base,
        minutes_in_a_row=datapoints(plan.steps[0].min_bake_seconds),
        bakes=tuple(_bakes(plan, traffic, signal, base=base)),
    )


def _bakes(
    plan: RolloutPlan, traffic: DeclaredTraffic, signal: Signal, *, base: float
) -> Iterator[BakeForecast]:
    bad = min(1.0, traffic.ratio * base)
    unseen, unalarmed, answered, all_answered = 1.0, 1.0, 0.0, 0.0
    for step in plan.steps:
        minutes, in_a_row = step.min_bake_seconds // ALARM_PERIOD_SECONDS, datapoints(step.min_bake_seconds)
        exact = traffic.requests_per_second * ALARM_PERIOD_SECONDS * step.weight_percent / 100
        requests = int(exact)
        blind = requests < ALARM_MIN_REQUESTS
        quiet = _quiet(0.0 if blind else bad_minute(requests, bad, signal.max_rate), minutes, in_a_row)
        well = _quiet(0.0 if blind else bad_minute(requests, base, signal.max_rate), minutes, in_a_row)
        answered += unseen * exact * bad * sum(quiet[:-1])
        all_answered += exact * bad * minutes
        unseen, unalarmed = unseen * quiet[-1], unalarmed * well[-1]
        yield BakeForecast(
            weight_percent=step.weight_percent,
            bake_seconds=step.min_bake_seconds,
            requests_a_minute=requests,
            blind=blind,
            seen=1 - unseen,
            false_alarm=1 - unalarmed,
            bad_answers=answered,
            bad_answers_unseen=all_answered,
        )


def bad_minute(requests: int, rate: float, threshold: float) -> float:
    """Return the chance that at least `threshold` of a minute's requests are bad, each so with `rate`."""
    # A share is met exactly also where the product of two floats is a little too large.
    least = ceil(threshold * requests - 1e-9)
    if least <= 0 or rate >= 1:
        return 1.0
    if least > requests:
        return 0.0
    if least > rate * requests:
        return _tail(requests, rate, least, up=True)
    return 1 - _tail(requests, rate, least - 1, up=False)


def _tail(requests: int, rate: float, start: int, *, up: bool) -> float:
    """Add up the binomial distribution from `start` on, away from its mean."""
    total, term = 0.0, exp(_log_term(requests, rate, start))
    bad = start
    while 0 <= bad <= requests and term > _NEGLIGIBLE * total:
        total += term
        odds = (requests - bad) / (bad + 1) * rate / (1 - rate) if up else 0.0
        if not up and bad:
            odds = bad / (requests - bad + 1) * (1 - rate) / rate
        term, bad = term * odds, bad + (1 if up else -1)
    return min(1.0, total)


def _log_term(requests: int, rate: float, bad: int) -> float:
    ways = lgamma(requests + 1) - lgamma(bad + 1) - lgamma(requests - bad + 1)
    return ways + bad * log(rate) + (requests - bad) * log1p(-rate)


def _quiet(chance: float, minutes: int, in_a_row: int) -> list[float]:
    """Return the chance that no alarm has gone off, after each number of minutes from 0 on."""
    runs = [1.0, *[0.0] * (in_a_row - 1)]
    quiet = [1.0]
    for _ in range(minutes):
        runs = [(1 - chance) * sum(runs), *(chance * run for run in runs[:-1])]
        quiet.append(sum(runs))
    return quiet
