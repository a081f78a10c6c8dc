"""What AWS lets one account do in one region a second, and where it says so."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from tidegate_runtime.errors import Throttled

_STATES: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (us-east-1)"
_METRICS: Final = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html (default)"
)
_SSM: Final = "https://docs.aws.amazon.com/general/latest/gr/ssm.html (standard throughput)"
_EVENTS: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html (us-east-1)"
_S3: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html (a prefix)"
_UNKNOWN: Final = "not published, assumed"

CLIENT_PATIENCE_SECONDS: Final = 1.5
"""What botocore's two repetitions with back-off wait through, before the state machine has to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A token bucket: `burst` calls at once, `per_second` for ever, and who says so."""

    per_second: float
    burst: float
    source: str


def _assumed(per_second: float) -> Limit:
    return Limit(per_second=per_second, burst=2 * per_second, source=_UNKNOWN)


LIMITS: Final[Mapping[str, Limit]] = {
    "states:StateTransition": Limit(per_second=5_000, burst=5_000, source=_STATES),
    "states:StartExecution": Limit(per_second=300, burst=1_300, source=_STATES),
    "states:DescribeExecution": Limit(per_second=15, burst=300, source=_STATES),
    "states:StopExecution": Limit(per_second=200, burst=1_000, source=_STATES),
    "states:ListExecutions": Limit(per_second=5, burst=200, source=_STATES),
    "cloudwatch:GetMetricData": Limit(per_second=50, burst=50, source=_METRICS),
    "cloudwatch:DescribeAlarms": Limit(per_second=9, burst=9, source=_METRICS),
    "ssm:GetParameter": Limit(per_second=40, burst=40, source=_SSM),
    "ssm:PutParameter": _assumed(3),
    "events:PutEvents": Limit(per_second=10_000, burst=10_000, source=_EVENTS),
    "s3:HeadObject": Limit(per_second=5_500, burst=5_500, source=_S3),
    "sagemaker:DescribeEndpoint": _assumed(20),
    "sagemaker:DescribeEndpointConfig": _assumed(10),
    "sagemaker:DescribeModel": _assumed(10),
    "sagemaker:DescribeModelPackage": _assumed(10),
    "sagemaker:CreateModel": _assumed(5),
    "sagemaker:CreateEndpointConfig": _assumed(5),
    "sagemaker:UpdateEndpoint": _assumed(5),
    "sagemaker:UpdateEndpointWeightsAndCapacities": _assumed(5),
    "cloudformation:DescribeStacks": _assumed(10),
    "cloudformation:DescribeStackResources": _assumed(10),
    "cloudformation:UpdateStack": _assumed(5),
    "application-autoscaling:DescribeScalableTargets": _assumed(10),
    "application-autoscaling:RegisterScalableTarget": _assumed(5),
}
"""DynamoDB is not here: each endpoint has a ledger of its own, far below a table's 1,000 writes a second."""

APIS: Final[Mapping[str, tuple[str, ...]]] = {
    "sagemaker.describe": ("sagemaker:DescribeEndpoint",),
    "sagemaker.config": ("sagemaker:DescribeEndpointConfig",),
    "sagemaker.model": ("sagemaker:DescribeModel",),
    "sagemaker.create_model": ("sagemaker:CreateModel",),
    "sagemaker.create_config": ("sagemaker:CreateEndpointConfig",),
    "sagemaker.update": ("sagemaker:UpdateEndpoint",),
    "sagemaker.set_weights": ("sagemaker:UpdateEndpointWeightsAndCapacities",),
    "sagemaker.set_instances": ("sagemaker:UpdateEndpointWeightsAndCapacities",),
    "registry.package": ("sagemaker:DescribeModelPackage",),
    "registry.require_artifact": ("s3:HeadObject",),
    "cloudformation.describe": ("cloudformation:DescribeStacks", "cloudformation:DescribeStackResources"),
    "cloudformation.update": ("cloudformation:DescribeStacks", "cloudformation:UpdateStack"),
    "cloudwatch.sums": ("cloudwatch:GetMetricData",),
    "cloudwatch.states": ("cloudwatch:DescribeAlarms",),
    "authority.denied": (
        "sagemaker:DescribeEndpoint",
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeStackResources",
        "ssm:GetParameter",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "sagemaker:UpdateEndpoint",
        "ssm:PutParameter",
        "cloudformation:UpdateStack",
        "states:StopExecution",
    ),
    "ssm.read": ("ssm:GetParameter",),
    "ssm.create": ("ssm:PutParameter",),
    "ssm.write": ("ssm:PutParameter",),
    "scaling.suspended": ("application-autoscaling:DescribeScalableTargets",),
    "scaling.suspend": ("application-autoscaling:RegisterScalableTarget",),
    "scaling.registered": ("application-autoscaling:DescribeScalableTargets",),
    "states.start": ("states:StartExecution",),
    "states.describe": ("states:DescribeExecution",),
    "states.stop": ("states:StopExecution",),
    "states.running": ("states:ListExecutions",),
    "events.publish": ("events:PutEvents",),
    "sns.send": ("sns:Publish",),
    "meter.ended": (),
    "dynamodb.lease": ("dynamodb:GetItem",),
    "dynamodb.run": ("dynamodb:GetItem",),
    "dynamodb.read": ("dynamodb:GetItem",),
    "dynamodb.waiting_runs": ("dynamodb:Query",),
    "dynamodb.open_runs": ("dynamodb:Query",),
    "dynamodb.acquire": ("dynamodb:PutItem",),
    "dynamodb.save": ("dynamodb:PutItem",),
    "dynamodb.log": ("dynamodb:PutItem",),
    "dynamodb.write": ("dynamodb:PutItem",),
    "dynamodb.release": ("dynamodb:DeleteItem",),
    "dynamodb.clear": ("dynamodb:DeleteItem",),
}
"""Which requests a call of a port becomes in its adapter."""


class Account:
    """Counts the requests of one account, and throttles them.

    Args:
        factor: Multiplies the limits that are assumed.
        share: Multiplies all limits: as many times fewer rollouts meet the same throttles in less time.
        limited: Whether anything is throttled at all.

    """

    def __init__(self, *, factor: float = 1.0, share: float = 1.0, limited: bool = True) -> None:
        self.now = 0.0
        self.calls: Counter[str] = Counter()
        self.throttled: Counter[str] = Counter()
        scaled = {name: _scaled(limit, share=share, factor=factor) for name, limit in LIMITS.items()}
        self._limits = scaled if limited else {}
        self._levels = {name: (limit.burst, 0.0) for name, limit in self._limits.items()}

    def admit(self, call: str) -> None:
        """Count a port's call; raise `Throttled` when the client's patience does not get it through."""
        for api in APIS[call]:
            self.take(api)

    def take(self, api: str) -> None:
        """Take a token of one API."""
        self.calls[api] += 1
        if api not in self._limits:
            return
        limit, (level, since) = self._limits[api], self._levels[api]
        level = min(limit.burst, level + (self.now - since) * limit.per_second)
        if level < 1 - CLIENT_PATIENCE_SECONDS * limit.per_second:
            self._levels[api] = (level, self.now)
            self.throttled[api] += 1
            raise Throttled(f"ThrottlingException: {api}")
        self._levels[api] = (level - 1, self.now)


def _scaled(limit: Limit, *, share: float, factor: float) -> Limit:
    times = share * (factor if limit.source == _UNKNOWN else 1)
    return replace(limit, per_second=limit.per_second * times, burst=limit.burst * times)
