"""Deployment guardrails in an endpoint's template: new-fleet alarms, the permission, the settings."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct, IDependable

from tidegate._define_alarm import define_alarm
from tidegate._role_needs import attach_needs
from tidegate.deployment_guardrails import CapacitySize, DeploymentGuardrails
from tidegate.endpoint_alarm import EndpointAlarm
from tidegate.instance_variant import InstanceVariant


class Guardrails(Construct):
    """The alarms that see the new fleet only, and the permission to read all alarms of the guardrails.

    Args:
        scope: The endpoint.
        construct_id: Id within the endpoint.
        guardrails: What was asked for.
        variants: The endpoint's variants.
        dimensions: Dimensions that tell the new fleet: endpoint and configuration, without the variant.
        name_prefix: Begin of the alarms' names; CloudFormation chooses the names when None.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        guardrails: DeploymentGuardrails,
        variants: Sequence[InstanceVariant],
        dimensions: dict[str, str],
        name_prefix: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._guardrails = guardrails
        self.alarms: list[cloudwatch.IAlarm] = [
            self._alarm(alarm, variant, dimensions, name_prefix)
            for alarm in guardrails.alarms
            if isinstance(alarm, EndpointAlarm)
            for variant in variants
        ]
        self.alarms += [alarm for alarm in guardrails.alarms if not isinstance(alarm, EndpointAlarm)]
        self.needs = self._let_roles_read_alarms(variants)
        """What the endpoint has to wait for, besides the alarms that its settings refer to."""

    def deployment_config(self) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
        """Return the settings; they refer to the alarms, so CloudFormation makes those first."""
        policy = _policy(self._guardrails)
        return sagemaker.CfnEndpoint.DeploymentConfigProperty(
            **policy,
            auto_rollback_configuration=sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
                alarms=[
                    sagemaker.CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in self.alarms
                ]
            ),
        )

    def _alarm(
        self,
        alarm: EndpointAlarm,
        variant: InstanceVariant,
        dimensions: dict[str, str],
        name_prefix: str | None,
    ) -> cloudwatch.Alarm:
        name = f"{variant.name}-{alarm.name}"
        return define_alarm(
            self,
            f"Alarm-{name}",
            alarm,
            alarm_name=None if name_prefix is None else f"{name_prefix}-new-fleet-{name}",
            dimensions={**dimensions, "VariantName": variant.name},
        )

    def _let_roles_read_alarms(self, variants: Sequence[InstanceVariant]) -> list[IDependable]:
        statement = iam.PolicyStatement(
            sid="ReadRollbackAlarms",
            actions=["cloudwatch:DescribeAlarms"],
            resources=[alarm.alarm_arn for alarm in self.alarms],
        )
        # Attached from this side: the alarms need the configuration, which needs the role.
        roles = [variant.model.role for variant in variants]
        return attach_needs(self, roles, [statement], purpose="Read the alarms that roll an update back")


def declared(scope: Construct, guardrails: DeploymentGuardrails) -> list[Any]:
    """Return the settings as plain data, for digests."""
    mine = [alarm.alarm_name for alarm in guardrails.alarms if not isinstance(alarm, EndpointAlarm)]
    conditions = [str(alarm) for alarm in guardrails.alarms if isinstance(alarm, EndpointAlarm)]
    return [Stack.of(scope).resolve(_policy(guardrails)), conditions, mine]


def _policy(guardrails: DeploymentGuardrails) -> dict[str, Any]:
    timeout = guardrails.maximum_execution_timeout
    seconds = None if timeout is None else timeout.to_seconds()
    if guardrails.strategy == "ROLLING" and guardrails.size is not None:
        rolling = sagemaker.CfnEndpoint.RollingUpdatePolicyProperty(
            maximum_batch_size=_capacity(guardrails.size),
            rollback_maximum_batch_size=_optional(guardrails.rollback_size),
            wait_interval_in_seconds=guardrails.bake.to_seconds(),
            maximum_execution_timeout_in_seconds=seconds,
        )
        return {"rolling_update_policy": rolling}
    size = _optional(guardrails.size)
    routing = sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
        type=guardrails.strategy,
        canary_size=size if guardrails.strategy == "CANARY" else None,
        linear_step_size=size if guardrails.strategy == "LINEAR" else None,
        wait_interval_in_seconds=guardrails.bake.to_seconds(),
    )
    blue_green = sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
        traffic_routing_configuration=routing,
        termination_wait_in_seconds=guardrails.termination_wait.to_seconds(),
        maximum_execution_timeout_in_seconds=seconds,
    )
    return {"blue_green_update_policy": blue_green}


def _optional(size: CapacitySize | None) -> sagemaker.CfnEndpoint.CapacitySizeProperty | None:
    return None if size is None else _capacity(size)


def _capacity(size: CapacitySize) -> sagemaker.CfnEndpoint.CapacitySizeProperty:
    return sagemaker.CfnEndpoint.CapacitySizeProperty(type=size.unit, value=size.value)
