"""When an alarm can never fire, whatever the endpoint does."""

import math
import re
from typing import TYPE_CHECKING, Final

from tidegate._metric_facts import MetricFact
from tidegate._rulebook_scaling import DAY_SECONDS, PERIODS_SECONDS
from tidegate._validation import Faults

if TYPE_CHECKING:
    from tidegate.endpoint_alarm import EndpointAlarm

STATISTICS: Final = ("Average", "Maximum", "Minimum", "Sum", "SampleCount")
_MINUTE: Final = 60
_PERCENTILE: Final = re.compile(r"p(\d{1,2}(\.\d{1,2})?)")


def check_timing(faults: Faults, alarm: "EndpointAlarm") -> None:
    """Record what CloudWatch refuses about period, count of periods and datapoints."""
    period = alarm.period_seconds
    faults.rule(
        "alarm-period",
        ok=period in PERIODS_SECONDS or (period >= _MINUTE and period % _MINUTE == 0),
        message=f"period_seconds must be 10, 20, 30 or a multiple of 60, got {period}",
    )
    faults.rule(
        "alarm-periods",
        ok=alarm.periods >= 1 and period * alarm.periods <= DAY_SECONDS,
        message=f"periods must be at least 1 and span at most a day, got {alarm.periods} of {period} s",
    )
    faults.rule(
        "alarm-datapoints",
        ok=1 <= alarm.datapoints <= alarm.periods,
        message=f"datapoints must be 1 to periods ({alarm.periods}), got {alarm.datapoints}",
    )


def check_firing(faults: Faults, alarm: "EndpointAlarm", fact: MetricFact) -> None:
    """Record every reason for which the alarm could never fire."""
    if alarm.statistic not in STATISTICS and _PERCENTILE.fullmatch(alarm.statistic) is None:
        faults.rule(
            "alarm-statistic",
            ok=False,
            message=f"statistic must be one of {STATISTICS} or p0 to p99.99, got {alarm.statistic!r}",
        )
        return
    faults.rule(
        "alarm-threshold",
        ok=math.isfinite(alarm.threshold) and alarm.threshold > 0,
        message=f"threshold must be finite and above 0, got {alarm.threshold:g}",
    )
    if alarm.below:
        _check_below(faults, alarm, fact)
    else:
        _check_above(faults, alarm, fact)
    _check_samples(faults, alarm)


def _check_above(faults: Faults, alarm: "EndpointAlarm", fact: MetricFact) -> None:
    highest, why = _highest(alarm, fact)
    faults.rule(
        "alarm-unreachable",
        ok=highest is None or alarm.threshold <= highest,
        message=f"threshold {alarm.threshold:g} can never be reached: {why} is at most "
        f"{highest if highest is not None else 0:g}",
    )


def _highest(alarm: "EndpointAlarm", fact: MetricFact) -> tuple[float | None, str]:
    if alarm.rate:
        return 1.0, "a share of the requests"
    samples = _samples(alarm)
    if alarm.statistic == "SampleCount":
        return samples, "the expected number of samples in a period"
    if alarm.statistic != "Sum":
        return alarm.highest, f"the {alarm.statistic} of a value"
    if alarm.highest is None or samples is None or not fact.per_request:
        return None, ""
    return alarm.highest * samples, "the Sum over the expected requests of a period"


def _check_below(faults: Faults, alarm: "EndpointAlarm", fact: MetricFact) -> None:
    faults.rule(
        "alarm-few-requests",
        ok=not fact.per_request or alarm.missing_is_breaching,
        message="an alarm on too few requests must treat missing data as breaching",
    )


def _check_samples(faults: Faults, alarm: "EndpointAlarm") -> None:
    samples = _samples(alarm)
    if samples is None:
        return
    faults.rule(
        "alarm-unreachable",
        ok=alarm.min_requests <= samples,
        message=f"min_requests {alarm.min_requests} can never be reached: a period of "
        f"{alarm.period_seconds} s is expected to have {samples:g} requests",
    )
    needed = samples_needed(alarm.statistic)
    faults.rule(
        "alarm-few-samples",
        ok=samples >= needed,
        message=f"{alarm.statistic} needs {needed} samples in a period of {alarm.period_seconds} s, "
        f"expected {samples:g}",
    )


def samples_needed(statistic: str) -> int:
    """Return how many samples of a period CloudWatch wants: ten beyond the percentile, else none."""
    found = _PERCENTILE.fullmatch(statistic)
    if found is None:
        return 0
    share = float(found[1]) / 100
    tail = 1 - share if share >= 0.5 else share
    return math.ceil(round(10 / tail, 6)) if tail > 0 else 0


def _samples(alarm: "EndpointAlarm") -> float | None:
    if alarm.expected_requests_per_minute is None:
        return None
    return alarm.expected_requests_per_minute * alarm.period_seconds / _MINUTE
