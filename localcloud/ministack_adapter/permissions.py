"""Which IAM permissions a call to an emulated service needs: action, resource, and roles passed.

Source: the Service Authorization Reference, "Actions, resources, and condition keys" for Amazon SageMaker,
Application Auto Scaling, CloudWatch and IAM (https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.ministack_adapter.delivery_permissions import build_resource, pipeline_resource

ANY_RESOURCE = "*"
# Request member -> resource type of the ARN its value names, in the order in which they are looked at.
_SAGEMAKER_MEMBERS = {
    "TransformJobName": "transform-job",
    "TrainingJobName": "training-job",
    "PipelineExecutionArn": "",
    "PipelineName": "pipeline",
    "InferenceComponentName": "inference-component",
    "EndpointName": "endpoint",
    "EndpointConfigName": "endpoint-config",
    "ModelPackageName": "model-package",
    "ModelPackageArn": "model-package",
    "ModelPackageGroupName": "model-package-group",
    "ModelName": "model",
    "ResourceArn": "",
}
_NEEDS_CONFIG_TOO = frozenset({"CreateEndpoint", "UpdateEndpoint"})
_PASSES_ROLE = {
    "CreateModel": "ExecutionRoleArn",
    "CreateEndpointConfig": "ExecutionRoleArn",
    "CreateTrainingJob": "RoleArn",
    "CreatePipeline": "RoleArn",
    "UpdatePipeline": "RoleArn",
}
# Lists of what belongs to one resource, which needs the permission on that.
_LISTS_OF_ONE = frozenset(
    {
        "ListTags",
        "ListPipelineExecutions",
        "ListPipelineExecutionSteps",
        "ListPipelineParametersForExecution",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One thing the caller must be allowed to do.

    Attributes:
        action: `service:Operation`.
        resource: ARN, or `*` for actions without resource-level permissions.
        passed_to: service principal a role is passed to, for `iam:PassRole`.

    """

    action: str
    resource: str
    passed_to: str | None = None


def required_permissions(
    *, service: str, operation: str, request: Mapping[str, Any], region: str, account: str
) -> tuple[Permission, ...]:
    """Return what a caller needs for one call, never empty.

    Args:
        service: `sagemaker`, `application-autoscaling`, `codepipeline` or `codebuild`; `monitoring` for calls
            that name several alarms.
        operation: operation name, for example `UpdateEndpoint`.
        request: the request's parameters.
        region: region of the call.
        account: account of the call.

    """
    if service == "sagemaker":
        return tuple(_sagemaker(operation, request, f"arn:aws:sagemaker:{region}:{account}:"))
    if service == "monitoring":
        alarms = f"arn:aws:cloudwatch:{region}:{account}:alarm:"
        return tuple(
            Permission(action=f"cloudwatch:{operation}", resource=f"{alarms}{name}")
            for name in request["AlarmNames"]
        )
    if service in ("codepipeline", "codebuild"):
        return tuple(_delivery(service, operation, request, f"arn:aws:{service}:{region}:{account}:"))
    resource = ANY_RESOURCE
    if not operation.startswith("Describe"):
        resource = f"arn:aws:application-autoscaling:{region}:{account}:scalable-target/*"
    return (Permission(action=f"{service}:{operation}", resource=resource),)


def _delivery(service: str, operation: str, request: Mapping[str, Any], prefix: str) -> Iterator[Permission]:
    if service == "codebuild":
        yield Permission(action=f"codebuild:{operation}", resource=build_resource(request, prefix))
        role = request.get("serviceRole")
    else:
        resource = pipeline_resource(request, operation, prefix)
        yield Permission(action=f"codepipeline:{operation}", resource=resource)
        role = (request.get("pipeline") or {}).get("roleArn")
    if role:
        yield Permission(action="iam:PassRole", resource=role, passed_to=f"{service}.amazonaws.com")


def _sagemaker(operation: str, request: Mapping[str, Any], prefix: str) -> Iterator[Permission]:
    action = f"sagemaker:{operation}"
    yield Permission(action=action, resource=_first_resource(operation, request, prefix))
    if operation in _NEEDS_CONFIG_TOO and "EndpointConfigName" in request:
        yield Permission(action=action, resource=f"{prefix}endpoint-config/{request['EndpointConfigName']}")
    role = request.get(_PASSES_ROLE.get(operation, ""))
    if role:
        yield Permission(action="iam:PassRole", resource=role, passed_to="sagemaker.amazonaws.com")


def _first_resource(operation: str, request: Mapping[str, Any], prefix: str) -> str:
    if operation == "ListModelPackages" and "ModelPackageGroupName" in request:
        return f"{prefix}model-package/{request['ModelPackageGroupName']}/*"
    if operation.startswith("List") and operation not in _LISTS_OF_ONE:
        return ANY_RESOURCE
    if operation == "CreateModelPackage" and "ModelPackageGroupName" in request:
        return f"{prefix}model-package/{request['ModelPackageGroupName']}/*"
    for member, kind in _SAGEMAKER_MEMBERS.items():
        value = request.get(member)
        if isinstance(value, str) and value:
            return value if value.startswith("arn:") else f"{prefix}{kind}/{value}"
    return ANY_RESOURCE
