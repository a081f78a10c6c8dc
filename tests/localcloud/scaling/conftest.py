"""A variant on a clock that stands still until told otherwise, and scaling on top."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.clock import CloudClock
from localcloud.cloudwatch.alarm_scaling import Breach
from localcloud.cloudwatch.store import MetricStore
from localcloud.scaling import ApplicationAutoScaling, Capacity

if TYPE_CHECKING:
    from localcloud.errors import AwsError

LIVE = "endpoint/digits-rehearsal/variant/live"
KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": LIVE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


class ManualClock(CloudClock):
    """Time as a number; timers run when `advance` passes them."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self.time = 1_800_000_000 // 86_400 * 86_400.0
        self.timers: list[tuple[float, int, Callable[[], object]]] = []

    def now(self) -> float:
        return self.time

    def after(self, cloud_seconds: float, fn: Callable[[], object]) -> Any:
        self.timers.append((self.time + cloud_seconds, len(self.timers), fn))

    def advance(self, seconds: float) -> None:
        end = self.time + seconds
        while due := sorted(timer for timer in self.timers if timer[0] <= end):
            self.timers.remove(due[0])
            self.time = due[0][0]
            due[0][2]()
        self.time = end


class Variants:
    """Endpoints that do what they are told at once, unless `is_slow`."""

    def __init__(self) -> None:
        self.is_slow = False
        self.refusal: AwsError | None = None
        self.known = {LIVE: Capacity(2, 2, in_service=True, instance_type="ml.m5.large")}

    def get(self, resource_id: str) -> Capacity | None:
        return self.known.get(resource_id)

    def set_desired(self, resource_id: str, count: int) -> None:
        if self.refusal is not None:
            raise self.refusal
        before = self.known[resource_id]
        current = before.current if self.is_slow else count
        self.known[resource_id] = before._replace(current=current, desired=count, in_service=not self.is_slow)

    def change(self, **changes: Any) -> None:
        self.known[LIVE] = self.known[LIVE]._replace(**changes)


class World:
    """Scaling with one variant `live` of two instances."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.variants = Variants()
        self.metrics = MetricStore()
        self.scaling = ApplicationAutoScaling(self.clock, self.variants, self.metrics)

    @property
    def count(self) -> int:
        return self.variants.known[LIVE].desired

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.scaling.call(operation, params)

    @property
    def bounds(self) -> tuple[int, int]:
        [target] = self.call("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"]
        return target["MinCapacity"], target["MaxCapacity"]

    def register(self, **changes: Any) -> None:
        self.call("RegisterScalableTarget", **{**KEYS, "MinCapacity": 1, "MaxCapacity": 8, **changes})

    def policy(self, *, name: str = "load", target: float = 100.0, **changes: Any) -> dict[str, Any]:
        metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
        configuration = {"TargetValue": target, "PredefinedMetricSpecification": metric, **changes}
        return self.call(
            "PutScalingPolicy",
            **KEYS,
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=configuration,
        )

    def steps(self, *, name: str = "burst", **changes: Any) -> str:
        """Put a step policy, by default of one unit from the threshold on, and return its ARN."""
        configuration = {
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
            "Cooldown": 300,
            **changes,
        }
        put = self.call(
            "PutScalingPolicy",
            **KEYS,
            PolicyName=name,
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={k: v for k, v in configuration.items() if v is not None},
        )
        return str(put["PolicyARN"])

    def breach(self, policy_arn: str, *values: float, threshold: float = 100.0, rising: bool = True) -> None:
        """Let an alarm with these data points run a policy."""
        self.scaling.run_policy(
            policy_arn,
            Breach(alarm_name="busy", state="ALARM", threshold=threshold, rising=rising, values=values),
        )

    def schedule(self, schedule: str, *, name: str = "nightly", **changes: Any) -> None:
        """Put a scheduled action, by default of a minimum of 4."""
        action = {"Schedule": schedule, "ScalableTargetAction": {"MinCapacity": 4}, **changes}
        self.call("PutScheduledAction", **KEYS, ScheduledActionName=name, **action)

    def load(self, per_instance: float, *, minutes: int) -> None:
        """Let minutes pass in each of which every instance gets that many invocations."""
        dimensions = {"EndpointName": "digits-rehearsal", "VariantName": "live"}
        for _ in range(minutes):
            self.metrics.record(
                "AWS/SageMaker", "InvocationsPerInstance", dimensions, per_instance, "None", self.clock.now()
            )
            self.clock.advance(60)
        self.clock.advance(6)

    def activities(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("DescribeScalingActivities", ServiceNamespace="sagemaker")[
            "ScalingActivities"
        ]
        return found


@pytest.fixture
def world() -> World:
    return World()
