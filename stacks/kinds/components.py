"""Inference components on a shared fleet."""

from typing import Any, Final

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings
from stacks.deployment import Deployment
from stacks.fields.components import ComponentPart, ComponentsService
from stacks.kinds import outside
from stacks.kinds.models import define_model
from tidegate import (
    CapacityScaling,
    ComponentAlarms,
    ComponentDashboard,
    ComponentEndpoint,
    InferenceComponent,
    ScalingTarget,
)
from tidegate.compatibility import Mode
from tidegate.instance_families import has_gpu

_MINUTE: Final = 60


class ComponentsStack(Stack):
    """The fleet, and the models on it with their copies and scaling."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[ComponentsService],
        execution_role: iam.IRole,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        part = deployment.service.components
        self._role = execution_role
        self._prefix = deployment.name
        fleet = ComponentEndpoint(
            self,
            "Endpoint",
            role=execution_role,
            instance_type=part.instance_type,
            min_instances=part.min_instances,
            max_instances=part.max_instances,
            endpoint_name=deployment.name,
            kms_key=outside.key(self, "VolumeKey", part.volume_key),
            options=part.options(),
            metrics_frequency_seconds=part.metrics_frequency_seconds,
            detailed_observability=part.detailed_observability,
        )
        for name, one in part.models.items():
            self._component(fleet, name, one)
        self._watch(deployment.service)
        CfnOutput(self, "EndpointName", value=deployment.name)
        CfnOutput(self, "EndpointConfigName", value=fleet.endpoint_config_name)
        acknowledge_findings(self)

    def _watch(self, service: ComponentsService) -> None:
        components = {name: f"{self._prefix}-{name}" for name in service.components.models}
        found: list[cloudwatch.IAlarm] = []
        if service.alarms is not None:
            frequency = service.components.metrics_frequency_seconds
            defined = ComponentAlarms(
                self,
                "Alarms",
                endpoint_name=self._prefix,
                components=components,
                alarms=service.alarms.conditions({service.components.instance_type}),
                topic=outside.topic(self, "AlarmTopic", service.alarms.topic),
                metrics_frequency_seconds=frequency if frequency is not None else _MINUTE,
            )
            found = [*defined.alarms, defined.composite]
        if service.dashboard:
            ComponentDashboard(
                self,
                "Dashboard",
                endpoint_name=self._prefix,
                components=components,
                alarms=found,
                gpu=has_gpu(service.components.instance_type),
            )

    def _component(self, fleet: ComponentEndpoint, name: str, part: ComponentPart) -> None:
        update, scaling = part.rolling_update, part.scaling
        component = InferenceComponent(
            self,
            f"Component-{name}",
            endpoint=fleet,
            model=define_model(self, f"Model-{name}", part.model, role=self._role, mode=Mode.COMPONENTS),
            copies=part.copies,
            compute=part.compute.compute(),
            component_name=f"{self._prefix}-{name}",
            rolling_update=None
            if update is None
            else update.update(outside.alarms(self, f"RollbackAlarm-{name}", update.alarms)),
        )
        if scaling is not None:
            CapacityScaling(
                self,
                f"Scaling-{name}",
                target=ScalingTarget.copies(component.component_name, initial=part.copies),
                min_capacity=scaling.min,
                max_capacity=scaling.max,
                policies=scaling.policies(),
                schedules=scaling.scheduled(),
            )
