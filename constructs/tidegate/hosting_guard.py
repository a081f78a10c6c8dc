"""The guard that refuses a deploy of the endpoint at the wrong moment."""

from aws_cdk import ArnFormat, CustomResource, Duration, Stack
from constructs import Construct

from tidegate.real_time_endpoint import RealTimeEndpoint


class HostingGuard(Construct):
    """A custom resource that runs before CloudFormation touches the endpoint.

    It refuses a deploy while a rollout is in flight, and a change set that is older than the last
    promotion. The endpoint and its configuration wait for it. CloudFormation runs a custom resource only
    when its properties change: they hold the model version and a digest of everything else that a deploy of
    the endpoint could change.

    Create it last, after all scaling is added. The function is the one that a `Rollout` for the same
    endpoint name defines; its stack must be deployed before.

    Args:
        scope: The parent construct, in the endpoint's stack.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint, as given to the `Rollout`.
        endpoint: The endpoint to guard.
        model_package: ARN of the model package version the stack deploys (usually a token).

    Example:
        HostingGuard(stack, "Guard", endpoint_name="digits", endpoint=endpoint,
        model_package=pointer.value_as_string)

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        endpoint: RealTimeEndpoint,
        model_package: str,
    ) -> None:
        super().__init__(scope, construct_id)
        CustomResource(
            self,
            "Resource",
            resource_type="Custom::TidegateGuard",
            service_token=_function_arn(self, endpoint_name),
            service_timeout=Duration.minutes(5),
            properties={
                "EndpointName": endpoint_name,
                "ModelPackage": model_package,
                "Shape": endpoint.shape_hash,
            },
        )
        endpoint.node.add_dependency(self)


def guard_function_name(endpoint_name: str) -> str:
    """Return the fixed name of the guard's function: an export would tie the two stacks together."""
    return f"{endpoint_name}-guard"


def _function_arn(scope: Construct, endpoint_name: str) -> str:
    return Stack.of(scope).format_arn(
        service="lambda",
        resource="function",
        resource_name=guard_function_name(endpoint_name),
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
