"""One dashboard for the inference components of an endpoint and the fleet they share."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from tidegate._metric_facts import METRICS
from tidegate._validation import Faults

_WIDTH: Final = 8
_FULL_WIDTH: Final = 24
# Title, and the metrics with their statistics; all of the same unit.
_COMPONENT_GRAPHS: Final = {
    "Traffic": (("Invocations", "Sum"),),
    "Errors": (
        ("Invocation4XXErrors", "Sum"),
        ("Invocation5XXErrors", "Sum"),
        ("InvocationModelErrors", "Sum"),
    ),
    "Model latency": (("ModelLatency", "p50"), ("ModelLatency", "p90"), ("ModelLatency", "p99")),
}
_FLEET_GRAPHS: Final = {
    "Saturation": (
        ("CPUUtilization", "Average"),
        ("MemoryUtilization", "Average"),
        ("DiskUtilization", "Average"),
    ),
}
_GPU_GRAPHS: Final = {
    "GPU saturation": (("GPUUtilization", "Average"), ("GPUMemoryUtilization", "Average")),
}


class ComponentDashboard(Construct):
    """A CloudWatch dashboard of the components of one endpoint, named after it; every axis says its unit.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint, and of the dashboard.
        components: Full name of each inference component, by its short name.
        variant_name: Name of the endpoint's only variant, `live` by default.
        alarms: Alarms whose state is shown; none by default.
        gpu: Whether the instances have GPUs. No by default.

    Raises:
        ValueError: when there is no component.

    Example:
        ComponentDashboard(stack, "Dashboard", endpoint_name="shared", components={"digits": "shared-digits"})

    Source:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        components: Mapping[str, str],
        variant_name: str = "live",
        alarms: Sequence[cloudwatch.IAlarm] = (),
        gpu: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults(f"dashboard of {endpoint_name!r}")
        faults.require(ok=bool(components), message="components must not be empty")
        faults.raise_if_any()
        self.dashboard: cloudwatch.Dashboard = cloudwatch.Dashboard(
            self, "Resource", dashboard_name=endpoint_name, default_interval=Duration.hours(3)
        )
        """The dashboard, for further widgets."""
        if alarms:
            self.dashboard.add_widgets(
                cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=_FULL_WIDTH)
            )
        each = {name: {"InferenceComponentName": full} for name, full in components.items()}
        fleet = {variant_name: {"EndpointName": endpoint_name, "VariantName": variant_name}}
        hosts = {**_FLEET_GRAPHS, **(_GPU_GRAPHS if gpu else {})}
        self.dashboard.add_widgets(
            *(_graph(title, lines, each) for title, lines in _COMPONENT_GRAPHS.items()),
            *(_graph(title, lines, fleet) for title, lines in hosts.items()),
        )


def _graph(
    title: str, lines: Sequence[tuple[str, str]], subjects: Mapping[str, Mapping[str, str]]
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        width=_WIDTH,
        left=[
            cloudwatch.Metric(
                namespace=METRICS[name].namespace,
                metric_name=name,
                dimensions_map=dict(dimensions),
                statistic=statistic,
                period=Duration.minutes(1),
                label=f"{subject} {name} {statistic}" if statistic.startswith("p") else f"{subject} {name}",
            )
            for name, statistic in lines
            for subject, dimensions in subjects.items()
        ],
        left_y_axis=cloudwatch.YAxisProps(label=METRICS[lines[0][0]].unit, min=0, show_units=False),
    )
