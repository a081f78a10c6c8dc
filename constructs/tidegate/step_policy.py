"""Step scaling: how much to change by how far a metric is off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tidegate._validation import Faults
from tidegate.scaling_metric import ScalingMetric

Adjustment = Literal["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: from this far beyond the threshold, up to there, change the capacity so much.

    Attributes:
        change: Units, percent, or the exact capacity, by the policy's adjustment.
        lower: Lower bound, counted from the threshold; None for no bound.
        upper: Upper bound, counted from the threshold; None for no bound.

    """

    change: int
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPolicy:
    """Step scaling: an alarm on a metric, and how much to change by how far the metric is off.

    Attributes:
        name: Short name, part of the policy's and the alarm's name.
        metric: What the alarm watches.
        threshold: The first value that scales.
        steps: One to twenty steps without gap or overlap.
        below: Whether values up to the threshold scale, instead of values from it on.
        adjustment: What `Step.change` means; units by default.
        cooldown_seconds: Pause after a change; 60 by default.
        period_seconds: Length of the alarm's period; 60 by default.
        periods: Bad periods in a row that scale; 1 by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        StepPolicy(name="burst", metric=ScalingMetric(name="InvocationsPerInstance", statistic="Sum"),
        threshold=1000, steps=[Step(lower=0, upper=500, change=1), Step(lower=500, change=4)])

    Source:
        https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html

    """

    name: str
    metric: ScalingMetric
    threshold: float
    steps: Sequence[Step]
    below: bool = False
    adjustment: Adjustment = "ChangeInCapacity"
    cooldown_seconds: int = 60
    period_seconds: int = 60
    periods: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        faults = Faults(f"step policy {self.name!r}")
        faults.require_name(self.name, field="name")
        faults.rule(
            "step-adjustments",
            ok=1 <= len(self.steps) <= 20,
            message=f"steps must be 1 to 20, got {len(self.steps)}",
        )
        for earlier, later in zip(self.steps, self.steps[1:], strict=False):
            faults.rule(
                "step-adjustments",
                ok=earlier.upper is not None and earlier.upper == later.lower,
                message=f"steps must have no gap and no overlap, got {earlier.upper} then {later.lower}",
            )
        for step in self.steps:
            faults.rule(
                "step-adjustments",
                ok=step.lower is not None or step.upper is not None,
                message=f"a step must have a bound, got none for a change of {step.change}",
            )
        self._check_open_end(faults)
        for field, least in (("cooldown_seconds", 0), ("period_seconds", 10), ("periods", 1)):
            value = getattr(self, field)
            faults.rule(
                "step-policy", ok=value >= least, message=f"{field} must be at least {least}, got {value}"
            )
        faults.raise_if_any()

    def _check_open_end(self, faults: Faults) -> None:
        if not self.steps:
            return
        outer = self.steps[0].lower if self.below else self.steps[-1].upper
        inner = self.steps[-1].upper if self.below else self.steps[0].lower
        faults.rule(
            "step-adjustments",
            ok=outer is None and inner in (0, None),
            message=f"steps must reach from the threshold (0) outwards without end, got {inner} to {outer}",
        )
