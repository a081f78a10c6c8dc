"""What a target-tracking configuration means.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from localcloud.errors import AwsError
from localcloud.scaling.dimensions import Dimension
from localcloud.scaling.metrics import Watched, watched

DEFAULT_COOLDOWN_SECONDS = 300
"""The default of every cooldown of SageMaker's dimensions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingRule:
    """Hold a metric at a value.

    Attributes:
        metric: what is held.
        target_value: where.
        may_scale_in: whether units are taken away at all.
        in_cooldown_seconds: pause after a scale-in, cloud seconds.
        out_cooldown_seconds: pause after a scale-out, cloud seconds.

    """

    metric: Watched
    target_value: float
    may_scale_in: bool
    in_cooldown_seconds: float
    out_cooldown_seconds: float

    @classmethod
    def parse(cls, configuration: Mapping[str, Any], dimension: Dimension, resource_id: str) -> Self:
        """Check a configuration.

        Raises:
            AwsError: ValidationException, with what was wrong.
            NotEmulated: for metric math.

        """
        metric = watched(configuration, dimension, resource_id)
        if not configuration["TargetValue"] > 0:
            raise AwsError(
                "ValidationException", f"TargetValue must be above 0, got {configuration['TargetValue']}"
            )
        return cls(
            metric=metric,
            target_value=float(configuration["TargetValue"]),
            may_scale_in=not configuration.get("DisableScaleIn", False),
            in_cooldown_seconds=configuration.get("ScaleInCooldown", DEFAULT_COOLDOWN_SECONDS),
            out_cooldown_seconds=configuration.get("ScaleOutCooldown", DEFAULT_COOLDOWN_SECONDS),
        )

    def cooldown_seconds(self, *, out: bool) -> float:
        """Return the length of the cooldown after a scale-out or a scale-in, cloud seconds."""
        return self.out_cooldown_seconds if out else self.in_cooldown_seconds
