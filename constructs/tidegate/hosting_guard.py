"""The guard that refuses a deploy of the endpoint at the wrong moment."""

import json

from aws_cdk import CustomResource, Duration
from constructs import Construct

from tidegate._fingerprint import fingerprint
from tidegate._hosting_function import SERVICE_TIMEOUT_SECONDS, function_arn
from tidegate.hosting_attach import HostingAttach
from tidegate.real_time_endpoint import RealTimeEndpoint


class HostingGuard(Construct):
    """A custom resource that runs before CloudFormation touches the endpoint.

    It refuses a deploy while a rollout is in flight, and a change set that is older than the last
    promotion. The endpoint and its configuration wait for it. CloudFormation runs a custom resource only
    when its properties change: they hold the model version, the variants with their instance types, and a
    digest of everything else that a deploy of the endpoint could change.

    It also makes way for the update: it deregisters the scaling of variants that go, or whose instance type
    changes, because SageMaker would refuse the update, and records before what it takes away.

    Create it last, after all scaling is added. The function is the one that a `Rollout` for the same
    endpoint name defines; its stack must be deployed before.

    Args:
        scope: The parent construct, in the endpoint's stack.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint, as given to the `Rollout`.
        endpoint: The endpoint to guard.
        model_package: ARN of the model package version the stack deploys (usually a token).
        attach: What scales the endpoint; None when nothing does.

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
        attach: HostingAttach | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        types = {variant.name: variant.instance_type for variant in endpoint.variants}
        CustomResource(
            self,
            "Resource",
            resource_type="Custom::TidegateGuard",
            service_token=function_arn(self, endpoint_name, "guard"),
            service_timeout=Duration.seconds(SERVICE_TIMEOUT_SECONDS),
            properties={
                "EndpointName": endpoint_name,
                "ModelPackage": model_package,
                "Variants": json.dumps(types, sort_keys=True, separators=(",", ":")),
                "Shape": fingerprint(self, [endpoint.shape_hash, attach.scaling_hash if attach else None]),
            },
        )
        endpoint.node.add_dependency(self)
