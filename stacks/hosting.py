"""The endpoint of one service in one environment, on the promoted model version."""

from typing import Any

from aws_cdk import CfnOutput, CfnParameter, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgements import (
    acknowledge_findings,
    acknowledge_open_network,
    acknowledge_warnings,
)
from stacks.deployment import Deployment
from stacks.fields.managed import ManagedEndpointPart, ManagedService
from stacks.kinds import outside
from stacks.kinds.models import define_variant, surround
from stacks.kinds.watching import watch
from stacks.origin import tell_origin
from tidegate import HostingAttach, HostingGuard, InstanceVariant, ModelSource, RealTimeEndpoint
from tidegate.compatibility import Mode


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
        model = surround(self, "Model", service.model, source=source, role=execution_role)
        because = service.model.open_network_because
        acknowledge_open_network(model, mode=Mode.REAL_TIME, because=because)
        live = define_variant("live", service.endpoint, model)
        endpoint = self._endpoint(deployment, live)
        attach = HostingAttach(self, "Attach", endpoint_name=deployment.name, endpoint=endpoint)
        _scale(attach, live, service.endpoint)
        guard = HostingGuard(
            self,
            "Guard",
            endpoint_name=deployment.name,
            endpoint=endpoint,
            model_package=pointer.value_as_string,
            attach=attach,
        )
        model.node.add_dependency(guard)
        watch(
            self,
            endpoint_name=deployment.name,
            variants={live.name: live.instance_type},
            alarms=service.alarms,
            dashboard=service.dashboard,
            metrics_frequency_seconds=service.endpoint.metrics_frequency_seconds,
        )
        CfnOutput(self, "EndpointName", value=deployment.name)
        CfnOutput(self, "EndpointConfigName", value=endpoint.endpoint_config_name)
        CfnOutput(self, "ModelPackage", value=pointer.value_as_string)
        tell_origin(self)
        acknowledge_findings(self)

    def _endpoint(self, deployment: Deployment[ManagedService], live: InstanceVariant) -> RealTimeEndpoint:
        part = deployment.service.endpoint
        capture, plan = part.data_capture, deployment.service.rollout.plan()
        endpoint = RealTimeEndpoint(
            self,
            "Endpoint",
            variants=[live],
            endpoint_name=deployment.name,
            metrics_frequency_seconds=part.metrics_frequency_seconds,
            guardrails=plan.deployment_guardrails() if plan.is_by_guardrails else None,
            data_capture=None
            if capture is None
            else capture.capture(outside.key(self, "CaptureKey", capture.kms_key)),
            detailed_observability=part.detailed_observability,
            explainer=None if part.explainer is None else part.explainer.explainer(),
        )
        acknowledge_warnings(endpoint, part.acknowledge)
        return endpoint


def _scale(attach: HostingAttach, live: InstanceVariant, part: ManagedEndpointPart) -> None:
    scaling = part.scaling
    if scaling is not None:
        attach.add_scaling(
            live,
            min_capacity=scaling.min,
            max_capacity=scaling.max,
            policies=scaling.policies(),
            schedules=scaling.scheduled(),
        )
