"""The endpoint of one service in one environment, on the promoted model version."""

from typing import Any

from aws_cdk import Annotations, CfnOutput, CfnParameter, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.fields.managed import ManagedService
from stacks.service_files import Deployment
from tidegate import (
    HostingAttach,
    HostingGuard,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
    TrackingPolicy,
)


class HostingStack(Stack):
    """Model, endpoint configuration, endpoint and scaling; the live pointer says which version."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[ManagedService],
        execution_role: iam.IRole,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        service = deployment.service
        # No stack owns the pointer: CloudFormation reads it anew at every deploy, and refuses without it.
        pointer = CfnParameter(
            self,
            "LiveModelPackage",
            type="AWS::SSM::Parameter::Value<String>",
            default=deployment.pointer_parameter,
            description="The live model package version; the first approved version creates it",
        )
        source = ModelSource.model_package(pointer.value_as_string, environment=service.model.environment)
        model = Model(self, "Model", source=source, role=execution_role)
        live = InstanceVariant(
            name="live",
            model=model,
            instance_type=service.endpoint.instance_type,
            initial_count=service.endpoint.instances,
        )
        endpoint = RealTimeEndpoint(
            self,
            "Endpoint",
            variants=[live],
            endpoint_name=deployment.name,
            metrics_frequency_seconds=service.endpoint.metrics_frequency_seconds,
        )
        for rule, reason in service.endpoint.acknowledge.items():
            Annotations.of(endpoint).acknowledge_warning(f"tidegate:{rule}", reason)
        attach = HostingAttach(self, "Attach", endpoint_name=deployment.name, endpoint=endpoint)
        _scale(attach, live, deployment)
        guard = HostingGuard(
            self,
            "Guard",
            endpoint_name=deployment.name,
            endpoint=endpoint,
            model_package=pointer.value_as_string,
            attach=attach,
        )
        model.node.add_dependency(guard)
        CfnOutput(self, "EndpointName", value=deployment.name)
        CfnOutput(self, "EndpointConfigName", value=endpoint.endpoint_config_name)
        CfnOutput(self, "ModelPackage", value=pointer.value_as_string)


def _scale(attach: HostingAttach, live: InstanceVariant, deployment: Deployment[ManagedService]) -> None:
    scaling = deployment.service.endpoint.scaling
    if scaling is None:
        return
    per_minute = scaling.invocations_per_instance_per_minute
    attach.add_scaling(
        live,
        min_capacity=scaling.min,
        max_capacity=scaling.max,
        policies=[TrackingPolicy.invocations(per_instance_per_minute=per_minute)],
    )
