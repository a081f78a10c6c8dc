"""All alarms of one service, and the one that people are told of."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from tidegate._define_alarm import check_published, check_reachable, define_alarm, kind_of
from tidegate._metric_facts import METRICS
from tidegate._rulebook_scaling import MOST_CHILDREN
from tidegate._validation import Faults
from tidegate.endpoint_alarm import EndpointAlarm

_MINUTE: Final = 60
_CANDIDATE: Final = "candidate"


class EndpointAlarms(Construct):
    """The alarms of one endpoint with one composite alarm over them, which alone notifies.

    A metric with the dimension VariantName gets one alarm a variant, a metric of the whole endpoint one.
    The alarms are named `{endpoint_name}-{variant}-{name}`, the composite `{endpoint_name}-service`: ten
    bad metrics of one incident are one message.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint.
        variants: Names of its variants, without `candidate`, which has alarms of its own.
        alarms: What is bad.
        topic: Told when the composite goes off and when it is over; nobody is told when None. A topic with
            a KMS key needs a key policy that lets cloudwatch.amazonaws.com use the key.
        metrics_frequency_seconds: How often the endpoint publishes invocation metrics; 60 by default.
        asynchronous: Whether the endpoint is asynchronous. No by default.
        serverless: Whether the endpoint is serverless. No by default.
        instance_types: Instance type by variant: a threshold that all of its vCPUs or GPUs together cannot
            reach is refused. Not checked where none is given.

    Raises:
        ValueError: naming every fault at once, also for each alarm that could never fire on this endpoint.

    Example:
        EndpointAlarms(stack, "Alarms", endpoint_name="digits", variants=["live"], alarms=[
        EndpointAlarm.server_error_rate(at_least=0.05), EndpointAlarm.no_traffic()])

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        variants: Sequence[str],
        alarms: Sequence[EndpointAlarm],
        topic: sns.ITopic | None = None,
        metrics_frequency_seconds: int = _MINUTE,
        asynchronous: bool = False,
        serverless: bool = False,
        instance_types: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults(f"alarms of {endpoint_name!r}")
        _check_names(faults, variants, alarms)
        types = instance_types if instance_types is not None else {}
        for alarm in alarms:
            check_published(
                faults,
                alarm,
                metrics_frequency_seconds=metrics_frequency_seconds,
                kind=kind_of(asynchronous=asynchronous, serverless=serverless),
            )
            for variant in variants:
                if variant in types:
                    check_reachable(faults, alarm, types[variant])
        faults.raise_if_any()
        self.alarms: tuple[cloudwatch.Alarm, ...] = tuple(
            self._alarm(alarm, endpoint_name, variant)
            for alarm in alarms
            for variant in (variants if METRICS[alarm.metric].per_variant else [None])
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

    def _alarm(self, alarm: EndpointAlarm, endpoint_name: str, variant: str | None) -> cloudwatch.Alarm:
        name = alarm.name if variant is None else f"{variant}-{alarm.name}"
        dimensions = {"EndpointName": endpoint_name}
        if variant is not None:
            dimensions["VariantName"] = variant
        return define_alarm(
            self, f"Alarm-{name}", alarm, alarm_name=f"{endpoint_name}-{name}", dimensions=dimensions
        )


def _check_names(faults: Faults, variants: Sequence[str], alarms: Sequence[EndpointAlarm]) -> None:
    faults.require(ok=bool(variants), message="variants must not be empty")
    faults.require(
        ok=_CANDIDATE not in variants,
        message="variants must not contain 'candidate': CandidateAlarms watches it, while it exists",
    )
    faults.require(ok=bool(alarms), message="alarms must not be empty")
    names = [alarm.name for alarm in alarms]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.require(ok=False, message=f"alarms must differ in name, got {name!r} twice")
    count = sum(len(variants) if METRICS[alarm.metric].per_variant else 1 for alarm in alarms)
    faults.rule(
        "alarm-children",
        ok=count <= MOST_CHILDREN,
        message=f"alarms must be at most {MOST_CHILDREN} over all variants, got {count}",
    )
