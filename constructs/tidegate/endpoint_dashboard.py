"""One dashboard a service: traffic, errors, latency, saturation, backlog."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from tidegate._define_alarm import kind_of
from tidegate._metric_facts import METRICS, Kind
from tidegate._validation import Faults

_WIDTH: Final = 8
_FULL_WIDTH: Final = 24


@dataclass(frozen=True, slots=True)
class _Graph:
    """One graph: its title, and the metrics with their statistics; all of the same unit."""

    title: str
    lines: tuple[tuple[str, str], ...]


_PERCENTILES: Final = ("p50", "p90", "p99")
_GRAPHS: Final = (
    _Graph("Traffic", (("Invocations", "Sum"),)),
    _Graph(
        "Errors",
        (("Invocation4XXErrors", "Sum"), ("Invocation5XXErrors", "Sum"), ("InvocationModelErrors", "Sum")),
    ),
    _Graph("Model latency", tuple(("ModelLatency", percentile) for percentile in _PERCENTILES)),
    _Graph("Overhead latency", tuple(("OverheadLatency", percentile) for percentile in _PERCENTILES)),
    _Graph(
        "Saturation",
        (("CPUUtilization", "Average"), ("MemoryUtilization", "Average"), ("DiskUtilization", "Average")),
    ),
    _Graph("GPU saturation", (("GPUUtilization", "Average"), ("GPUMemoryUtilization", "Average"))),
    _Graph("Cold starts", tuple(("ModelSetupTime", percentile) for percentile in _PERCENTILES)),
    _Graph(
        "Concurrency in use",
        (
            ("ServerlessConcurrentExecutionsUtilization", "Maximum"),
            ("ServerlessProvisionedConcurrencyUtilization", "Maximum"),
        ),
    ),
    _Graph("Beyond the warm workers", (("ServerlessProvisionedConcurrencySpilloverInvocations", "Sum"),)),
    _Graph(
        "Backlog", (("ApproximateBacklogSize", "Maximum"), ("ApproximateBacklogSizePerInstance", "Average"))
    ),
    _Graph("Age of the oldest request", (("ApproximateAgeOfOldestRequest", "Maximum"),)),
    _Graph(
        "Failures of the queue",
        (
            ("InvocationFailures", "Sum"),
            ("ExpiredRequests", "Sum"),
            ("NotificationFailures", "Sum"),
            ("RequestDownloadFailures", "Sum"),
            ("ResponseUploadFailures", "Sum"),
        ),
    ),
)


class EndpointDashboard(Construct):
    """A CloudWatch dashboard of one endpoint, named after it; every axis says its unit.

    It shows what the kind of endpoint publishes, a line for each variant, and the state of the alarms on
    top. The GPU graph is there when asked for.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint, and of the dashboard.
        variants: Names of its variants.
        alarms: Alarms whose state is shown; none by default.
        asynchronous: Whether the endpoint is asynchronous. No by default.
        serverless: Whether the endpoint is serverless. No by default.
        gpu: Whether the instances have GPUs. No by default.
        period: Length of the periods; a minute by default.

    Raises:
        ValueError: when there is no variant.

    Example:
        EndpointDashboard(stack, "Dashboard", endpoint_name="digits", variants=["live"], alarms=alarms.alarms)

    Source:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        variants: Sequence[str],
        alarms: Sequence[cloudwatch.IAlarm] = (),
        asynchronous: bool = False,
        serverless: bool = False,
        gpu: bool = False,
        period: Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults(f"dashboard of {endpoint_name!r}")
        faults.require(ok=bool(variants), message="variants must not be empty")
        faults.raise_if_any()
        self._endpoint_name = endpoint_name
        self._variants = tuple(variants)
        self._period = period if period is not None else Duration.minutes(1)
        self.dashboard: cloudwatch.Dashboard = cloudwatch.Dashboard(
            self, "Resource", dashboard_name=endpoint_name, default_interval=Duration.hours(3)
        )
        """The dashboard, for further widgets."""
        if alarms:
            self.dashboard.add_widgets(
                cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=_FULL_WIDTH)
            )
        self.dashboard.add_widgets(
            *self._graphs(kind_of(asynchronous=asynchronous, serverless=serverless), gpu=gpu)
        )

    def _graphs(self, kind: Kind, *, gpu: bool) -> Iterator[cloudwatch.IWidget]:
        for graph in _GRAPHS:
            lines = [line for line in graph.lines if kind in METRICS[line[0]].kinds]
            if not lines or (lines[0][0].startswith("GPU") and not gpu):
                continue
            yield cloudwatch.GraphWidget(
                title=graph.title,
                width=_WIDTH,
                left=[metric for line in lines for metric in self._metrics(*line)],
                left_y_axis=cloudwatch.YAxisProps(label=METRICS[lines[0][0]].unit, min=0, show_units=False),
            )

    def _metrics(self, name: str, statistic: str) -> Iterator[cloudwatch.Metric]:
        fact = METRICS[name]
        for variant in self._variants if fact.per_variant else [None]:
            dimensions = {"EndpointName": self._endpoint_name}
            if variant is not None:
                dimensions["VariantName"] = variant
            label = f"{name} {statistic}" if statistic.startswith("p") else name
            yield cloudwatch.Metric(
                namespace=fact.namespace,
                metric_name=name,
                dimensions_map=dimensions,
                statistic=statistic,
                period=self._period,
                label=label if variant is None else f"{variant} {label}",
            )
