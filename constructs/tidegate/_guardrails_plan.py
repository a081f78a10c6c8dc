"""A rollout plan in SageMaker's words: strategy, sizes, bakes, and an alarm for each signal."""

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration

from tidegate._guardrails_rules import (
    ALARM_PERIOD_SECONDS,
    alarm_name,
    bake_seconds,
    datapoints,
    policy_of,
)
from tidegate.deployment_guardrails import CapacitySize, DeploymentGuardrails, Strategy
from tidegate.endpoint_alarm import EndpointAlarm

if TYPE_CHECKING:
    from tidegate.rollout_plan import RolloutPlan
    from tidegate.signal import Signal

ALARM_MIN_REQUESTS: Final = 20
"""Fewest requests of a minute that an alarm judges."""

_STRATEGIES: Final[dict[str, Strategy]] = {
    "all-at-once": "ALL_AT_ONCE",
    "canary": "CANARY",
    "linear": "LINEAR",
}


def deployment_guardrails(plan: "RolloutPlan") -> DeploymentGuardrails:
    """Return the guardrails that carry a plan out.

    Each signal becomes an alarm on the new fleet: `max_rate` or more of the requests are bad, in up to three
    minutes in a row that fit into a bake, each with at least 20 requests.

    Raises:
        ValueError: the plan is not for guardrails.

    """
    policy = policy_of(plan)
    if plan.backend != "guardrails" or policy is None:
        raise ValueError(f"backend must be 'guardrails', got {plan.backend!r}")
    bake = bake_seconds(plan)
    return DeploymentGuardrails(
        strategy=_STRATEGIES[policy.kind],
        size=None if policy.size is None else CapacitySize.percent(policy.size),
        bake=Duration.seconds(bake),
        maximum_execution_timeout=Duration.seconds(policy.timeout_seconds or 0),
        alarms=[_alarm(signal, bake) for signal in plan.signals],
    )


def _alarm(signal: "Signal", bake: int) -> EndpointAlarm:
    bad = datapoints(bake)
    return EndpointAlarm(
        name=alarm_name(signal),
        metric=signal.metric,
        statistic="Sum",
        threshold=signal.max_rate,
        rate=True,
        min_requests=ALARM_MIN_REQUESTS,
        period_seconds=ALARM_PERIOD_SECONDS,
        periods=bad,
        datapoints=bad,
    )
