"""Alarms and dashboard of a service with an endpoint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack

from stacks.fields.alarms import AlarmsPart
from stacks.kinds import outside
from tidegate.instance_families import has_gpu

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

    from tidegate import EndpointDashboard

_MINUTE: Final = 60


def watch(
    stack: Stack,
    *,
    endpoint_name: str,
    variants: Sequence[str],
    alarms: AlarmsPart | None,
    dashboard: bool,
    instance_types: Sequence[str] = (),
    metrics_frequency_seconds: int | None = None,
    asynchronous: bool = False,
) -> "EndpointDashboard | None":
    """Define the alarms with their composite, and the dashboard, as far as the file wants them.

    Args:
        stack: The hosting stack.
        endpoint_name: Name of the endpoint.
        variants: Names of its variants.
        alarms: What is bad; nothing is watched when None.
        dashboard: Whether there is a dashboard.
        instance_types: The types of the fleets, which may have GPUs to show.
        metrics_frequency_seconds: How often invocation metrics come; SageMaker's default when None.
        asynchronous: Whether the endpoint is asynchronous.

    Returns:
        The dashboard, for further graphs; None when there is none.

    Raises:
        ValueError: naming each alarm that could never fire on this endpoint.

    """
    found: Sequence[cloudwatch.IAlarm] = ()
    if alarms is not None:
        from tidegate import EndpointAlarms

        frequency = metrics_frequency_seconds
        defined = EndpointAlarms(
            stack,
            "Alarms",
            endpoint_name=endpoint_name,
            variants=variants,
            alarms=alarms.conditions(),
            topic=outside.topic(stack, "AlarmTopic", alarms.topic),
            metrics_frequency_seconds=frequency if frequency is not None else _MINUTE,
            asynchronous=asynchronous,
        )
        found = [*defined.alarms, defined.composite]
    if not dashboard:
        return None
    from tidegate import EndpointDashboard

    return EndpointDashboard(
        stack,
        "Dashboard",
        endpoint_name=endpoint_name,
        variants=variants,
        alarms=found,
        asynchronous=asynchronous,
        gpu=any(map(has_gpu, instance_types)),
    )
