"""The automatic scaling of an endpoint with a rollout controller."""

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnResource
from constructs import Construct

from tidegate._capacity_rules import check_capacity
from tidegate._fingerprint import fingerprint
from tidegate._hosting_function import SERVICE_TIMEOUT_SECONDS, function_arn
from tidegate._scaling_requests import scaling_requests
from tidegate.capacity_scaling import keep_counts
from tidegate.instance_variant import InstanceVariant
from tidegate.real_time_endpoint import RealTimeEndpoint
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import StepPolicy
from tidegate.tracking_policy import TrackingPolicy


class HostingAttach(Construct):
    """A custom resource that owns all automatic scaling of one endpoint.

    SageMaker refuses to change the instance type of a variant that is registered for scaling, and to remove
    or rename it; deregistering deletes policies and scheduled actions, and CloudFormation never makes again
    what has not changed in the template. So `HostingGuard` deregisters before such an update, and this
    resource, which waits for the endpoint, registers again: targets, policies, the alarms of step policies
    (called `{endpoint_name}-scaling-...`) and scheduled actions. What it does not find declared on its
    endpoint it removes. An update that fails ends with the scaling of before.

    The function is the one that a `Rollout` for the same endpoint name defines; its stack must be deployed
    before. An endpoint without a controller uses `RealTimeEndpoint.add_capacity_scaling`.

    Args:
        scope: The parent construct, in the endpoint's stack.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint, as given to the `Rollout`.
        endpoint: The endpoint whose variants are scaled.

    Raises:
        ValueError: when the endpoint has another name.

    Example:
        attach = HostingAttach(stack, "Attach", endpoint_name="digits", endpoint=endpoint)
        attach.add_scaling(live, min_capacity=2, max_capacity=8,
        policies=[TrackingPolicy.invocations(per_instance_per_minute=6000)])
        HostingGuard(stack, "Guard", endpoint_name="digits", endpoint=endpoint, attach=attach,
        model_package=pointer.value_as_string)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html

    """

    def __init__(
        self, scope: Construct, construct_id: str, *, endpoint_name: str, endpoint: RealTimeEndpoint
    ) -> None:
        super().__init__(scope, construct_id)
        if endpoint.endpoint_name != endpoint_name:
            raise ValueError(
                f"endpoint_name must be the endpoint's {endpoint.endpoint_name!r}, got {endpoint_name!r}"
            )
        self._endpoint = endpoint
        self._declared: dict[str, Any] = {}
        self._resource = CfnResource(
            self,
            "Resource",
            type="Custom::TidegateAttach",
            properties={
                "ServiceToken": function_arn(self, endpoint_name, "attach"),
                "ServiceTimeout": SERVICE_TIMEOUT_SECONDS,
                "EndpointName": endpoint_name,
                "Scaling": "{}",
            },
        )
        self.node.add_dependency(endpoint)

    @property
    def scaling_hash(self) -> str:
        """Digest of all that is declared. Read it last."""
        return fingerprint(self, self._declared)

    def add_scaling(
        self,
        variant: InstanceVariant,
        *,
        min_capacity: int,
        max_capacity: int,
        policies: Sequence[TrackingPolicy | StepPolicy] = (),
        schedules: Sequence[ScheduledCapacity] = (),
    ) -> None:
        """Scale `variant`; deploys then keep the counts the scaler chose.

        Args:
            variant: A variant of the endpoint.
            min_capacity: Fewest instances, at least 1.
            max_capacity: Most instances.
            policies: Policies with different names; several work together: the largest capacity wins.
            schedules: Bounds by the clock; none by default.

        Raises:
            ValueError: naming every fault at once; when the endpoint has no such variant, or it is scaled
                already.

        """
        self._endpoint.require_scalable(variant, min_capacity)
        target = ScalingTarget.instances(self._endpoint, variant)
        check_capacity(target, min_capacity, max_capacity, policies, schedules)
        keep_counts(self._endpoint, variant.name, self)
        self._declared[variant.name] = scaling_requests(
            self,
            target,
            min_capacity=min_capacity,
            max_capacity=max_capacity,
            policies=policies,
            schedules=schedules,
        )
        # As text: CloudFormation would turn every number and truth value into a string.
        self._resource.add_property_override("Scaling", self._text())

    def _text(self) -> str:
        return json.dumps(self._declared, sort_keys=True, separators=(",", ":"))
