"""Which alarms can move an update back: those that see the new fleet only, and see it in time."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch

from tidegate._define_alarm import check_published, kind_of
from tidegate._metric_facts import INVOCATIONS, METRICS
from tidegate._rulebook_guardrails import MOST_ALARMS
from tidegate._validation import Faults
from tidegate.endpoint_alarm import EndpointAlarm

_MINUTE: Final = 60

Alarms = Sequence[EndpointAlarm | cloudwatch.IAlarm]


def check_alarms(faults: Faults, alarms: Alarms, *, bake_seconds: float) -> None:
    """Record too many or no alarms, and conditions that the new fleet alone cannot show in time."""
    faults.rule(
        "guardrail-alarms",
        ok=1 <= len(alarms) <= MOST_ALARMS,
        message=f"alarms must be 1 to {MOST_ALARMS}, got {len(alarms)}",
    )
    names = [condition.name for condition in _conditions(alarms)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.rule(
            "guardrail-alarm-names", ok=False, message=f"alarms must differ in name, got {name!r} twice"
        )
    for condition in _conditions(alarms):
        _check_condition(faults, condition, bake_seconds)


def check_alarms_of(
    faults: Faults,
    alarms: Alarms,
    *,
    variants: int,
    metrics_frequency_seconds: int | None,
    asynchronous: bool,
) -> None:
    """Record alarms that are too many over all variants, or that this endpoint never publishes."""
    conditions = _conditions(alarms)
    total = len(alarms) + len(conditions) * (variants - 1)
    faults.rule(
        "guardrail-alarms",
        ok=total <= MOST_ALARMS,
        message=f"alarms must be at most {MOST_ALARMS} in all, got {total} for {variants} variants",
    )
    frequency = metrics_frequency_seconds if metrics_frequency_seconds is not None else _MINUTE
    for condition in conditions:
        check_published(
            faults, condition, metrics_frequency_seconds=frequency, kind=kind_of(asynchronous=asynchronous)
        )


def _conditions(alarms: Alarms) -> list[EndpointAlarm]:
    return [alarm for alarm in alarms if isinstance(alarm, EndpointAlarm)]


def _check_condition(faults: Faults, condition: EndpointAlarm, bake_seconds: float) -> None:
    fact = METRICS[condition.metric]
    faults.rule(
        "guardrail-alarm-fleet",
        ok=fact.namespace == INVOCATIONS and fact.per_variant,
        message=f"alarm {condition.name!r} on {condition.metric} cannot see the new fleet only",
    )
    soonest = condition.datapoints * condition.period_seconds
    faults.rule(
        "guardrail-alarm-slow",
        ok=soonest <= bake_seconds,
        message=f"alarm {condition.name!r} needs {soonest} s to fire, but a bake lasts {bake_seconds:g} s",
    )
    faults.rule(
        "guardrail-alarm-missing-data",
        ok=not condition.missing_is_breaching,
        message=f"alarm {condition.name!r} must not treat missing data as breaching",
    )
