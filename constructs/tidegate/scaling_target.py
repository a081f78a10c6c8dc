"""What automatic scaling scales: instances, a queue's instances, warm workers or copies."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._scaling_kind import ScalingKind
from tidegate.compatibility_numbers import refusal
from tidegate.instance_variant import InstanceVariant
from tidegate.serverless import Serverless

if TYPE_CHECKING:
    from tidegate._instance_endpoint import InstanceEndpoint
    from tidegate._scaled_endpoint import ScaledEndpoint
    from tidegate.async_endpoint import AsyncEndpoint
    from tidegate.serverless_endpoint import ServerlessEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingTarget:
    """One scalable capacity. Use the factories.

    Attributes:
        kind: What is counted.
        name: Name of the variant or of the inference component.
        resource_id: Id for Application Auto Scaling; it refers to the endpoint, which is made first.
        endpoint_name: Name of the endpoint; None for an inference component.
        instance_types: Instance types, in the order they are tried; none when none matters.
        initial: Capacity at creation; not checked when None.
        ceiling: Most units there can be; None when only quotas bound it.
        endpoint: The endpoint whose deploys must keep the capacity; None when there is none to keep it.

    Example:
        ScalingTarget.queue(endpoint, variant)

    Source:
        https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-sagemaker.html

    """

    kind: ScalingKind
    name: str
    resource_id: str
    endpoint_name: str | None = None
    instance_types: tuple[str, ...] = ()
    initial: int | None = None
    ceiling: int | None = None
    endpoint: "InstanceEndpoint | None" = None

    @classmethod
    def instances(cls, endpoint: "ScaledEndpoint", variant: InstanceVariant) -> Self:
        """Return the instances of a variant of a real-time endpoint.

        Prefer `RealTimeEndpoint.add_capacity_scaling`, which also knows the endpoint's guardrails.
        """
        return cls._variant(ScalingKind.INSTANCES, endpoint, endpoint.endpoint_name, variant)

    @classmethod
    def queue(cls, endpoint: "AsyncEndpoint", variant: InstanceVariant) -> Self:
        """Return the instances of a variant of an asynchronous endpoint; they may go to zero."""
        if variant not in endpoint.variants:
            names = [known.name for known in endpoint.variants]
            raise ValueError(f"variant must be one of the endpoint's {names}, got {variant.name!r}")
        return cls._variant(ScalingKind.QUEUE, endpoint, endpoint.endpoint_name, variant)

    @classmethod
    def warm_workers(cls, endpoint: "ServerlessEndpoint", serverless: Serverless) -> Self:
        """Return the provisioned concurrency of a serverless endpoint.

        Raises:
            ValueError: when the endpoint has no provisioned concurrency to scale.

        """
        if serverless.provisioned_concurrency is None:
            raise ValueError(
                refusal("scaling-warm-workers", "only provisioned concurrency is scaled, got none")
            )
        return cls(
            kind=ScalingKind.WARM_WORKERS,
            name=endpoint.variant_name,
            resource_id=f"endpoint/{_made(endpoint)}/variant/{endpoint.variant_name}",
            endpoint_name=endpoint.endpoint_name,
            initial=serverless.provisioned_concurrency,
            ceiling=serverless.max_concurrency,
        )

    @classmethod
    def copies(cls, component_name: str, *, initial: int | None = None) -> Self:
        """Return the copies of an inference component; they may go to zero.

        Args:
            component_name: Name of the component; a reference to it makes it come first.
            initial: Number of copies at creation; not checked when None.

        """
        return cls(
            kind=ScalingKind.COPIES,
            name=component_name,
            resource_id=f"inference-component/{component_name}",
            initial=initial,
        )

    @property
    def metric_dimensions(self) -> dict[str, str]:
        """Dimensions of the metrics of this capacity."""
        if self.endpoint_name is None:
            return {"InferenceComponentName": self.name}
        return {"EndpointName": self.endpoint_name, "VariantName": self.name}

    @classmethod
    def _variant(
        cls, kind: ScalingKind, endpoint: "InstanceEndpoint", endpoint_name: str, variant: InstanceVariant
    ) -> Self:
        return cls(
            kind=kind,
            name=variant.name,
            resource_id=f"endpoint/{_made(endpoint)}/variant/{variant.name}",
            endpoint_name=endpoint_name,
            instance_types=variant.instance_types,
            initial=variant.initial_count,
            endpoint=endpoint,
        )


def _made(endpoint: Construct) -> str:
    """Return the endpoint's name as a reference, so that scaling waits for the endpoint."""
    resource = endpoint.node.default_child
    if not isinstance(resource, sagemaker.CfnEndpoint):
        raise TypeError(f"an endpoint must have a CfnEndpoint as default child, got {resource!r}")
    return resource.attr_endpoint_name
