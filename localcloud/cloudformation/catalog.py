"""All resource types that the local cloud adds to stacks."""

import json
from typing import Any

from localcloud.cloudformation.component import InferenceComponentResource
from localcloud.cloudformation.delivery import BuildProjectResource, DeliveryPipelineResource
from localcloud.cloudformation.endpoint import EndpointResource
from localcloud.cloudformation.operations import (
    AlarmResource,
    ScalableTargetResource,
    ScalingPolicyResource,
)
from localcloud.cloudformation.pipeline import PipelineResource
from localcloud.cloudformation.resource import (
    Call,
    Created,
    Properties,
    ResourceType,
    Spec,
    SpecifiedResource,
)

_MODEL = Spec(
    type_name="AWS::SageMaker::Model",
    service="sagemaker",
    put="CreateModel",
    remove="DeleteModel",
    key="ModelName",
    arn="ModelArn",
)
_ENDPOINT_CONFIG = Spec(
    type_name="AWS::SageMaker::EndpointConfig",
    service="sagemaker",
    put="CreateEndpointConfig",
    remove="DeleteEndpointConfig",
    key="EndpointConfigName",
    arn="EndpointConfigArn",
    in_place=frozenset(),
)
_PIPELINE = Spec(
    type_name="AWS::SageMaker::Pipeline",
    service="sagemaker",
    put="CreatePipeline",
    remove="DeletePipeline",
    key="PipelineName",
    arn="PipelineArn",
)
_MODEL_PACKAGE_GROUP = Spec(
    type_name="AWS::SageMaker::ModelPackageGroup",
    service="sagemaker",
    put="CreateModelPackageGroup",
    remove="DeleteModelPackageGroup",
    key="ModelPackageGroupName",
    arn="ModelPackageGroupArn",
)
_POLICY = "ModelPackageGroupPolicy"


class ModelPackageGroupResource(SpecifiedResource):
    """AWS::SageMaker::ModelPackageGroup, whose resource policy is a property but an API call of its own."""

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the group, then attach its policy."""
        created = super().create(logical_id, _without_policy(properties), stack_name)
        self._put_policy(created[0], properties)
        return created

    def update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> Created:
        """Change tags and policy."""
        if old.get(_POLICY) != new.get(_POLICY):
            self._put_policy(physical_id, new)
        return super().update(physical_id, _without_policy(old), _without_policy(new), stack_name)

    def _put_policy(self, arn: str, properties: Properties) -> None:
        policy = properties.get(_POLICY)
        if policy is None:
            return
        text = policy if isinstance(policy, str) else json.dumps(policy)
        request = {"ModelPackageGroupName": self.name_of(arn), "ResourcePolicy": text}
        self._call("sagemaker", "PutModelPackageGroupPolicy", request)


def resource_types(call: Call) -> tuple[ResourceType, ...]:
    """Return every resource type, working through `call`.

    Args:
        call: makes one API call of an emulated service (`sagemaker`, `codepipeline` ...) in this process.

    """
    resources: tuple[Any, ...] = (
        SpecifiedResource(call, _MODEL),
        SpecifiedResource(call, _ENDPOINT_CONFIG),
        ModelPackageGroupResource(call, _MODEL_PACKAGE_GROUP),
        PipelineResource(call, _PIPELINE),
        EndpointResource(call),
        InferenceComponentResource(call),
        AlarmResource(call),
        AlarmResource(call, composite=True),
        ScalableTargetResource(call),
        ScalingPolicyResource(call),
        DeliveryPipelineResource(call),
        BuildProjectResource(call),
    )
    return tuple(resource.resource_type() for resource in resources)


def _without_policy(properties: Properties) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name != _POLICY}
