"""An endpoint that queues its requests."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings, acknowledge_warnings
from stacks.deployment import Deployment
from stacks.fields.asynchronous import AsyncPart, AsyncService
from stacks.fields.retain import retained
from stacks.kinds import outside
from stacks.kinds.models import define_model, define_variant
from stacks.kinds.watching import watch
from tidegate import (
    AsyncEndpoint,
    AsyncInference,
    CapacityScaling,
    DeploymentGuardrails,
    InstanceVariant,
    ScalingTarget,
)


class AsyncStack(Stack):
    """Model, endpoint configuration, endpoint, scaling and alarms; answers go where the file says."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[AsyncService],
        execution_role: iam.IRole,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        service, part = deployment.service, deployment.service.async_
        model = define_model(self, "Model", service.model, role=execution_role)
        live = define_variant("live", part, model)
        endpoint = AsyncEndpoint(
            self,
            "Endpoint",
            variants=[live],
            inference=self._inference(part),
            endpoint_name=deployment.name,
            kms_key=outside.key(self, "VolumeKey", part.volume_key),
            metrics_frequency_seconds=part.metrics_frequency_seconds,
            detailed_observability=part.detailed_observability,
            guardrails=self._guardrails(part),
            retain=retained(part.retain),
        )
        self._scale(endpoint, live, part)
        watch(
            self,
            endpoint_name=deployment.name,
            variants={live.name: live.instance_type},
            alarms=service.alarms,
            dashboard=service.dashboard,
            metrics_frequency_seconds=part.metrics_frequency_seconds,
            asynchronous=True,
        )
        CfnOutput(self, "EndpointName", value=deployment.name)
        CfnOutput(self, "EndpointConfigName", value=endpoint.endpoint_config_name)
        if part.instances == 1:
            acknowledge_warnings(endpoint, {"one-instance": "requests wait in the queue for its replacement"})
        acknowledge_findings(self)

    def _guardrails(self, part: AsyncPart) -> DeploymentGuardrails | None:
        if part.guardrails is None:
            return None
        existing = outside.alarms(self, "RollbackAlarm", part.guardrails.alarms.existing)
        return part.guardrails.guardrails(existing, {part.instance_type})

    def _inference(self, part: AsyncPart) -> AsyncInference:
        outputs = part.outputs
        return part.inference(
            success_topic=outside.topic(self, "SuccessTopic", outputs.success_topic),
            error_topic=outside.topic(self, "ErrorTopic", outputs.error_topic),
            key=outside.key(self, "AnswersKey", outputs.kms_key),
        )

    def _scale(self, endpoint: AsyncEndpoint, live: InstanceVariant, part: AsyncPart) -> None:
        scaling = part.scaling
        if scaling is not None:
            CapacityScaling(
                self,
                "Scaling",
                target=ScalingTarget.queue(endpoint, live),
                min_capacity=scaling.min,
                max_capacity=scaling.max,
                policies=scaling.policies(),
                schedules=scaling.scheduled(),
            )
