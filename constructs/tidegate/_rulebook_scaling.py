"""The rules about automatic scaling, alarms and transform jobs."""

from collections.abc import Mapping
from typing import Final

from tidegate import _compatibility_terms as at
from tidegate._rulebook import Rule, between

PERIODS_SECONDS: Final = (10, 20, 30)
DAY_SECONDS: Final = 86_400
MOST_CHILDREN: Final = 100
LARGEST_RECORD_MB: Final = 100
MOST_JOB_VARIABLES: Final = 16
LONGEST_FILTER: Final = 63

_SCALED: Final = f"{at.GUIDE}/endpoint-auto-scaling-prerequisites.html"
_WARM: Final = f"{at.GUIDE}/serverless-endpoints-autoscale.html"
_APPLICATION: Final = "https://docs.aws.amazon.com/autoscaling/application/APIReference"
_TARGET: Final = f"{_APPLICATION}/API_RegisterScalableTarget.html"
_TRACKING: Final = f"{_APPLICATION}/API_TargetTrackingScalingPolicyConfiguration.html"
_STEPS: Final = f"{_APPLICATION}/API_StepAdjustment.html"
_STEP_POLICY: Final = f"{_APPLICATION}/API_StepScalingPolicyConfiguration.html"
_SCHEDULES: Final = f"{_APPLICATION}/API_PutScheduledAction.html"
_CLOUDWATCH: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest"
_ALARM: Final = f"{_CLOUDWATCH}/APIReference/API_PutMetricAlarm.html"
_METRICS: Final = f"{at.GUIDE}/monitoring-cloudwatch.html"
_NOTIFICATIONS: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html"
_ASSOCIATION: Final = f"{at.GUIDE}/batch-transform-data-processing.html"
_QUEUE_METRICS: Final = f"{at.GUIDE}/async-inference-monitor.html"

SCALING: Final[Mapping[str, Rule]] = {
    "burstable-scaling": Rule("no autoscaling of t2 or t3 instance types", "", _SCALED),
    "scaling-bounds": Rule("a largest capacity of at least 1 and of the smallest one", "", _TARGET),
    "scaling-initial": Rule("a capacity at creation between the bounds", "", _TARGET),
    "scaling-to-zero": Rule(
        "a smallest capacity of 1; of 0 for asynchronous endpoints and inference components",
        "only asynchronous endpoints and inference components scale to zero",
        at.TO_ZERO,
    ),
    "scaling-from-zero": Rule(
        "a policy that scales in again, with a smallest capacity of 0",
        "the wake-up only scales out",
        at.TO_ZERO,
    ),
    "scaling-warm-workers": Rule(
        "a serverless endpoint's provisioned concurrency, up to the maximum concurrency",
        "warm workers are a part of the concurrency, and SageMaker scales the rest itself",
        _WARM,
    ),
    "scaling-twice": Rule(
        "one scaler for each capacity", "Application Auto Scaling knows a capacity once", _TARGET
    ),
    "scaling-policies": Rule("at least one policy or schedule, with different names", "", _TARGET),
    "scaling-metric": Rule(
        "a metric that the kind of capacity publishes", "the policy would never scale", _SCALED
    ),
    "scaling-queue-metric": Rule(
        "the backlog, for asynchronous endpoints",
        "an asynchronous endpoint publishes no invocations; follow the backlog",
        _QUEUE_METRICS,
    ),
    "scaling-target": Rule(
        "a target above 0; of a utilization at most 1, of a share of an instance at most all its vCPUs or "
        "GPUs",
        "a target that the metric cannot reach never scales",
        _TRACKING,
    ),
    "scaling-predefined": Rule("a predefined metric or one of CloudWatch", "", _TRACKING),
    "scaling-cooldown": Rule("cooldowns of at least 0 s", "", _TRACKING),
    "step-adjustments": Rule(
        "1 to 20 steps from the threshold outwards without end, gap or overlap",
        "the alarm would fire and nothing scale",
        _STEPS,
    ),
    "step-policy": Rule("a cooldown of at least 0 s, and 1 period of at least 10 s", "", _STEP_POLICY),
    "schedule": Rule("cron(...) of six fields, rate(...) or at(yyyy-mm-ddThh:mm:ss)", "", _SCHEDULES),
    "schedule-bounds": Rule(
        "a new smallest or largest capacity, in order", "nothing would change", _SCHEDULES
    ),
}

ALARMS: Final[Mapping[str, Rule]] = {
    "alarm-period": Rule("periods of 10, 20, 30 or a multiple of 60 s", "", _ALARM),
    "alarm-periods": Rule("1 period or more, at most a day together", "", _ALARM),
    "alarm-datapoints": Rule("1 datapoint up to all periods", "more can never breach", _ALARM),
    "alarm-statistic": Rule("Average, Maximum, Minimum, Sum, SampleCount, p0 to p99.99", "", _ALARM),
    "alarm-metric": Rule("a metric that SageMaker publishes for endpoints", "", _METRICS),
    "alarm-threshold": Rule("a finite threshold above 0", "no value is below 0", _METRICS),
    "alarm-unreachable": Rule(
        "a threshold that the statistic can reach", "the alarm could never fire", _METRICS
    ),
    "alarm-few-requests": Rule(
        "missing data is bad, in an alarm on too few requests",
        "SageMaker publishes nothing without requests",
        _METRICS,
    ),
    "alarm-few-samples": Rule(
        "enough expected requests for the floor and for the percentile",
        "CloudWatch does not evaluate a percentile of fewer",
        f"{_CLOUDWATCH}/monitoring/percentiles-with-low-samples.html",
    ),
    "alarm-not-published": Rule("a metric that the endpoint's kind publishes", "it can never fire", _METRICS),
    "alarm-too-often": Rule(
        "a period no shorter than the metric's pace",
        "the periods in between have no data",
        _METRICS,
    ),
    "alarm-units": Rule(
        "the number of vCPUs or GPUs of the instance type",
        "SageMaker adds up their percentages, so four of them reach 400",
        _METRICS,
    ),
    "alarm-children": Rule(
        f"at most {MOST_CHILDREN} alarms of one service",
        "a composite alarm takes no more",
        f"{_CLOUDWATCH}/APIReference/API_PutCompositeAlarm.html",
    ),
}

JOBS: Final[Mapping[str, Rule]] = {
    "transform-instance-type": Rule(
        "an instance type of batch transform", "batch transform knows no other", at.TRANSFORM_RESOURCES
    ),
    "transform-instance-count": Rule("at least one instance", "", at.TRANSFORM_RESOURCES),
    "transform-output-below-input": Rule(
        "an output that is not below the input", "the next job would read the answers", at.TRANSFORM_API
    ),
    "transform-answers-watched": Rule(
        "answers that lie neither below nor above the watched prefix",
        "each answer would start another job",
        _NOTIFICATIONS,
    ),
    "transform-environment": Rule(f"at most {MOST_JOB_VARIABLES} variables", "", at.TRANSFORM_API),
    "transform-payload": Rule(
        f"0 (no limit, chunked) to {LARGEST_RECORD_MB} MB, all concurrent requests together",
        "",
        at.TRANSFORM_API,
    ),
    "transform-concurrency": Rule("at least one request at a time", "", at.TRANSFORM_API),
    "transform-timeout": between("timeout_seconds", 1, 3600, "", at.MODEL_CLIENT),
    "transform-retries": between("max_retries", 0, 3, "", at.MODEL_CLIENT),
    "transform-strategy": Rule(
        "a strategy only together with a split",
        "without one a file is one request",
        at.TRANSFORM_API,
    ),
    "transform-filter": Rule(
        f"a JSONPath from $ on of at most {LONGEST_FILTER} characters",
        "batch transform knows .name, *, ['name'], ['one','other'] at the end, [1], [0,-1] and [1:] only",
        _ASSOCIATION,
    ),
    "transform-association": Rule(
        "filters and joins of CSV or JSON, with the same type in and out, split and put together by line",
        "",
        _ASSOCIATION,
    ),
}
