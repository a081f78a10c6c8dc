"""CloudWatch: metrics with real statistics, and alarms that evaluate them, on the cloud clock."""

from localcloud.cloudwatch.service import CloudWatch
from localcloud.cloudwatch.store import MetricKey, MetricStore

__all__ = ["CloudWatch", "MetricKey", "MetricStore"]
