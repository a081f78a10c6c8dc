"""A serverless endpoint."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings
from stacks.deployment import Deployment
from stacks.fields.serverless import ServerlessPart, ServerlessService
from stacks.kinds.models import define_model
from stacks.kinds.watching import watch
from tidegate import CapacityScaling, ScalingTarget, ServerlessEndpoint
from tidegate.compatibility import Mode


class ServerlessStack(Stack):
    """Model, endpoint configuration, endpoint, warm workers and alarms."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[ServerlessService],
        execution_role: iam.IRole,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        service = deployment.service
        model = define_model(self, "Model", service.model, role=execution_role, mode=Mode.SERVERLESS)
        endpoint = ServerlessEndpoint(
            self,
            "Endpoint",
            model=model,
            serverless=service.serverless.size(),
            endpoint_name=deployment.name,
        )
        self._scale(endpoint, service.serverless)
        watch(
            self,
            endpoint_name=deployment.name,
            variants={endpoint.variant_name: None},
            alarms=service.alarms,
            dashboard=service.dashboard,
            serverless=True,
        )
        CfnOutput(self, "EndpointName", value=deployment.name)
        CfnOutput(self, "EndpointConfigName", value=endpoint.endpoint_config_name)
        acknowledge_findings(self)

    def _scale(self, endpoint: ServerlessEndpoint, part: ServerlessPart) -> None:
        scaling = part.scaling
        if scaling is not None:
            CapacityScaling(
                self,
                "Scaling",
                target=ScalingTarget.warm_workers(endpoint, part.size()),
                min_capacity=scaling.min,
                max_capacity=scaling.max,
                policies=scaling.policies(),
                schedules=scaling.scheduled(),
            )
