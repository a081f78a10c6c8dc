"""Alarms and dashboard of a service with an endpoint."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack

from stacks.fields.alarms import AlarmsPart
from stacks.kinds import outside
from tidegate.instance_families import has_gpu

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

_MINUTE: Final = 60


def watch(
    stack: Stack,
    *,
    endpoint_name: str,
    variants: Mapping[str, str | None],
    alarms: AlarmsPart | None,
    dashboard: bool,
    metrics_frequency_seconds: int | None = None,
    asynchronous: bool = False,
    serverless: bool = False,
) -> None:
    """Define the alarms with their composite, and the dashboard, as far as the file wants them.

    Args:
        stack: The hosting stack.
        endpoint_name: Name of the endpoint.
        variants: Instance type of each of its variants; None without instances.
        alarms: What is bad; nothing is watched when None.
        dashboard: Whether there is a dashboard.
        metrics_frequency_seconds: How often invocation metrics come; SageMaker's default when None.
        asynchronous: Whether the endpoint is asynchronous.
        serverless: Whether the endpoint is serverless.

    Raises:
        ValueError: naming each alarm that could never fire on this endpoint.

    """
    found: Sequence[cloudwatch.IAlarm] = ()
    types = {name: one for name, one in variants.items() if one is not None}
    if alarms is not None:
        from tidegate import EndpointAlarms

        frequency = metrics_frequency_seconds
        defined = EndpointAlarms(
            stack,
            "Alarms",
            endpoint_name=endpoint_name,
            variants=list(variants),
            alarms=alarms.conditions(set(types.values())),
            topic=outside.topic(stack, "AlarmTopic", alarms.topic),
            metrics_frequency_seconds=frequency if frequency is not None else _MINUTE,
            asynchronous=asynchronous,
            serverless=serverless,
            instance_types=types,
        )
        found = [*defined.alarms, defined.composite]
    if not dashboard:
        return
    from tidegate import EndpointDashboard

    EndpointDashboard(
        stack,
        "Dashboard",
        endpoint_name=endpoint_name,
        variants=list(variants),
        alarms=found,
        asynchronous=asynchronous,
        serverless=serverless,
        gpu=any(map(has_gpu, types.values())),
    )
