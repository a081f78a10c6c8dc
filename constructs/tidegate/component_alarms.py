"""All alarms of inference components and of the fleet they share, and the one that people are told of."""

from collections.abc import Iterator, Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from tidegate._define_alarm import check_published, define_alarm
from tidegate._metric_facts import METRICS, Kind
from tidegate._validation import Faults
from tidegate.endpoint_alarm import EndpointAlarm

_MINUTE = 60


class ComponentAlarms(Construct):
    """The alarms of inference components with one composite alarm over them, which alone notifies.

    A metric of requests carries the name of the component and nothing else, so it gets one alarm a component;
    a metric of the instances carries endpoint and variant, and gets one. The alarms are named
    `{endpoint_name}-{component}-{name}`, the composite `{endpoint_name}-service`.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint.
        components: Full name of each inference component, by its short name.
        alarms: What is bad.
        variant_name: Name of the endpoint's only variant, `live` by default.
        topic: Told when the composite goes off and when it is over; nobody is told when None. A topic with
            a KMS key needs a key policy that lets cloudwatch.amazonaws.com use the key.
        metrics_frequency_seconds: How often the endpoint publishes metrics of requests; 60 by default.

    Raises:
        ValueError: naming every fault at once, also for each alarm that could never fire here.

    Example:
        ComponentAlarms(stack, "Alarms", endpoint_name="shared", components={"digits": "shared-digits"},
        alarms=[EndpointAlarm.server_error_rate(at_least=0.05)])

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        components: Mapping[str, str],
        alarms: Sequence[EndpointAlarm],
        variant_name: str = "live",
        topic: sns.ITopic | None = None,
        metrics_frequency_seconds: int = _MINUTE,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults(f"alarms of the components of {endpoint_name!r}")
        faults.require(ok=bool(components), message="components must not be empty")
        faults.require(ok=bool(alarms), message="alarms must not be empty")
        for alarm in alarms:
            check_published(
                faults,
                alarm,
                metrics_frequency_seconds=metrics_frequency_seconds,
                kind=Kind.REAL_TIME,
            )
        faults.raise_if_any()
        fleet = {"EndpointName": endpoint_name, "VariantName": variant_name}
        self.alarms: tuple[cloudwatch.Alarm, ...] = tuple(
            define_alarm(
                self,
                f"Alarm-{subject}-{alarm.name}",
                alarm,
                alarm_name=f"{endpoint_name}-{subject}-{alarm.name}",
                dimensions=dimensions,
            )
            for alarm in alarms
            for subject, dimensions in _subjects(alarm, components, fleet)
        )
        """The single alarms, in the order of what is bad."""
        self.composite: cloudwatch.CompositeAlarm = cloudwatch.CompositeAlarm(
            self,
            "Service",
            composite_alarm_name=f"{endpoint_name}-service",
            alarm_description=f"Something is wrong with {endpoint_name}: see the alarms that are on",
            alarm_rule=cloudwatch.AlarmRule.any_of(*self.alarms),
        )
        """The alarm that is on while any other one is."""
        if topic is not None:
            self.composite.add_alarm_action(actions.SnsAction(topic))
            self.composite.add_ok_action(actions.SnsAction(topic))


def _subjects(
    alarm: EndpointAlarm, components: Mapping[str, str], fleet: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    if METRICS[alarm.metric].per_request:
        yield from ((name, {"InferenceComponentName": full}) for name, full in components.items())
    else:
        yield "fleet", fleet
