"""What SageMaker's guardrails see of a regression at a declared traffic, step by step.

Exact for the alarms that a rollout plan becomes: in each minute of a bake a binomial number of the new
fleet's requests is bad, and an alarm goes off after so many bad minutes in a row. How requests spread over
the minutes, and CloudWatch's own delay, are not in it.
"""

from dataclasses import dataclass
from math import ceil, erfc, exp, lgamma, log, sqrt

from tidegate._guardrails_plan import ALARM_MIN_REQUESTS
from tidegate._guardrails_rules import ALARM_PERIOD_SECONDS, bake_seconds, datapoints, policy_of
from tidegate.declared_traffic import DeclaredTraffic
from tidegate.rollout_plan import RolloutPlan

_EXACT_UP_TO = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedStep:
    """What to expect of one step.

    Attributes:
        weight_percent: The new fleet's share.
        bake_seconds: How long SageMaker bakes.
        requests_per_minute: Requests of the new fleet a minute, rounded down.
        heard: Whether those are enough for an alarm to judge a minute.
        seen: Chance that an alarm has gone off on a regressed version by the end of this step.
        false_alarm: The same on a version as good as live.
        bad_answers: Bad answers of a regressed version until the end of this step, if no alarm goes off.

    """

    weight_percent: int
    bake_seconds: int
    requests_per_minute: int
    heard: bool
    seen: float
    false_alarm: float
    bad_answers: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailsForecast:
    """What to expect of a rollout by guardrails, for a regression in the strictest signal alone.

    Attributes:
        traffic: The declared traffic and regression.
        base_error_rate: Live's share of bad requests.
        max_rate: The rate from which a minute is bad.
        minutes: Bad minutes in a row that an alarm needs.
        strategy: `canary`, `linear` or `all-at-once`.
        steps: The steps.
        watch_reachable: Whether the requests that the watch needs come within its longest bake.

    """

    traffic: DeclaredTraffic
    base_error_rate: float
    max_rate: float
    minutes: int
    strategy: str
    steps: tuple[GuardedStep, ...]
    watch_reachable: bool

    @property
    def seen(self) -> float:
        """Chance that an alarm goes off on a regressed version before all bakes are over."""
        return self.steps[-1].seen

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The phases in which nothing can be seen: steps that no alarm hears, a watch without requests."""
        steps = tuple(f"{step.weight_percent} %" for step in self.steps if not step.heard)
        return steps if self.watch_reachable else (*steps, "watch")


def guardrails_forecast(plan: RolloutPlan, traffic: DeclaredTraffic) -> GuardrailsForecast:
    """Return what to expect of a plan whose backend is `guardrails`.

    Raises:
        ValueError: the backend is another one.

    Example:
        guardrails_forecast(RolloutPlan.canary(percent=25).by_guardrails(),
        DeclaredTraffic(requests_per_second=50, base_error_rate=0.002))

    """
    policy = policy_of(plan)
    if not plan.is_by_guardrails or policy is None:
        raise ValueError(f"backend must be 'guardrails', got {plan.backend!r}")
    signal = max(plan.signals, key=lambda one: one.max_rate)
    base = traffic.base_error_rate if traffic.base_error_rate is not None else signal.max_rate
    minutes = datapoints(bake_seconds(plan))
    served = traffic.requests_per_second * plan.watch.max_bake_seconds
    return GuardrailsForecast(
        traffic=traffic,
        base_error_rate=base,
        max_rate=signal.max_rate,
        minutes=minutes,
        strategy=policy.kind,
        steps=_steps(plan, traffic, base=base, max_rate=signal.max_rate, minutes=minutes),
        watch_reachable=served >= plan.watch.min_requests,
    )


def _steps(
    plan: RolloutPlan, traffic: DeclaredTraffic, *, base: float, max_rate: float, minutes: int
) -> tuple[GuardedStep, ...]:
    bad, bake = min(1.0, traffic.ratio * base), bake_seconds(plan)
    unseen = quiet = 1.0
    answers, found = 0.0, []
    for step in plan.steps:
        requests = int(traffic.requests_per_second * ALARM_PERIOD_SECONDS * step.weight_percent / 100)
        looks = bake // ALARM_PERIOD_SECONDS
        unseen *= 1 - row(bad_minute(requests, bad, max_rate), looks=looks, length=minutes)
        quiet *= 1 - row(bad_minute(requests, base, max_rate), looks=looks, length=minutes)
        answers += traffic.requests_per_second * bake * step.weight_percent / 100 * bad
        found.append(
            GuardedStep(
                weight_percent=step.weight_percent,
                bake_seconds=bake,
                requests_per_minute=requests,
                heard=requests >= ALARM_MIN_REQUESTS,
                seen=1 - unseen,
                false_alarm=1 - quiet,
                bad_answers=answers,
            )
        )
    return tuple(found)


def bad_minute(requests: int, rate: float, max_rate: float) -> float:
    """Return the chance that a minute is bad: at least `max_rate` of enough requests."""
    if requests < ALARM_MIN_REQUESTS:
        return 0.0
    least = max(1, ceil(round(max_rate * requests, 9)))
    if rate >= 1:
        return 1.0
    if requests > _EXACT_UP_TO:
        deviation = sqrt(requests * rate * (1 - rate))
        return 0.5 * erfc((least - 0.5 - requests * rate) / (deviation * sqrt(2))) if deviation else 0.0
    return 1 - sum(_binomial(requests, k, rate) for k in range(least)) if rate > 0 else 0.0


def row(chance: float, *, looks: int, length: int) -> float:
    """Return the chance of `length` bad looks in a row among `looks`."""
    # The state is how many of the latest looks were bad; the last state holds for ever.
    states = [1.0, *([0.0] * length)]
    for _ in range(looks):
        ahead = [(1 - chance) * sum(states[:-1]), *(chance * state for state in states[:-1])]
        ahead[-1] += states[-1]
        states = ahead
    return states[-1]


def _binomial(n: int, k: int, p: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(choose + k * log(p) + (n - k) * log(1 - p))
