"""Application Auto Scaling for SageMaker variants.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

import threading
import uuid
from collections.abc import Mapping
from typing import Any

from localcloud.clock import CloudClock
from localcloud.cloudwatch.store import MetricStore
from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import JsonService
from localcloud.scaling.activities import Activities
from localcloud.scaling.capacity import VariantCapacity
from localcloud.scaling.loop import MINUTE, TrackingLoop
from localcloud.scaling.policies import check_single, policy_configuration
from localcloud.scaling.registry import Registry, check_dimension
from localcloud.scaling.target import Policy

Params = Mapping[str, Any]

DELAY_SECONDS = 5
"""Cloud seconds after a minute at which policies are applied, so that its last samples have arrived."""


class ApplicationAutoScaling(JsonService):
    """Scalable targets, target-tracking policies and the loop that applies them; safe to use from any thread.

    Args:
        clock: the cloud clock.
        sagemaker: reads and changes the counts of variants.
        metrics: where AWS/SageMaker InvocationsPerInstance is read.

    Example:
        scaling = ApplicationAutoScaling(clock, sagemaker, metrics)
        scaling.call("RegisterScalableTarget", {"ServiceNamespace": "sagemaker", ...})

    """

    def __init__(self, clock: CloudClock, sagemaker: VariantCapacity, metrics: MetricStore) -> None:
        super().__init__("application-autoscaling")
        self._clock = clock
        self._lock = threading.RLock()
        self._activities = Activities(clock, sagemaker)
        self._registry = Registry(clock, sagemaker, self._activities)
        self._loop = TrackingLoop(
            clock=clock,
            sagemaker=sagemaker,
            metrics=metrics,
            registry=self._registry,
            activities=self._activities,
        )
        self._ticking = False

    def is_registered(self, endpoint: str, variant: str) -> bool:
        """Whether a variant is a scalable target.

        SageMaker then refuses to change its instance type, and to remove or rename it.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
        """
        # No lock: SageMaker asks under its own, and the loop asks SageMaker under this one.
        return self._registry.find(f"endpoint/{endpoint}/variant/{variant}") is not None

    def track(self) -> None:
        """Apply every policy once; the clock calls this in each cloud minute."""
        with self._lock:
            self._loop.run()

    def op_register_scalable_target(self, params: Params) -> dict[str, Any]:
        """Register or update a target. RoleARN is accepted and unused: the service-linked role does it."""
        check_dimension(params)
        _refuse(params, "RegisterScalableTarget", "Tags")
        with self._lock:
            target = self._registry.register(params)
            self._start()
            return {"ScalableTargetARN": target.arn}

    def op_deregister_scalable_target(self, params: Params) -> dict[str, Any]:
        """Deregister a target, which deletes its policies."""
        check_dimension(params)
        with self._lock:
            self._registry.deregister(params["ResourceId"])
        return {}

    def op_describe_scalable_targets(self, params: Params) -> dict[str, Any]:
        """List targets, of given resources if any."""
        check_dimension(params)
        wanted = params.get("ResourceIds")
        if "ScalableDimension" in params and not wanted:
            raise AwsError("ValidationException", "ResourceIds are required with a ScalableDimension")
        with self._lock:
            found = [
                each.describe() for each in self._registry.all() if not wanted or each.resource_id in wanted
            ]
        return {"ScalableTargets": _whole(found, params, "DescribeScalableTargets")}

    def op_put_scaling_policy(self, params: Params) -> dict[str, Any]:
        """Create or update a target-tracking policy. The answer names no alarms, as the loop needs none."""
        check_dimension(params)
        with self._lock:
            target, name = self._registry.get(params["ResourceId"]), params["PolicyName"]
            before = target.policies.get(name)
            configuration = policy_configuration(params, before)
            check_single(target, name)
            policy = before or Policy(
                name=name,
                arn=_policy_arn(target.resource_id, name),
                created_at=self._clock.now(),
                configuration=configuration,
            )
            policy.configuration = configuration
            target.policies[name] = policy
            return {"PolicyARN": policy.arn, "Alarms": []}

    def op_delete_scaling_policy(self, params: Params) -> dict[str, Any]:
        """Delete a policy.

        Raises:
            AwsError: ObjectNotFoundException, when there is none of that name.

        """
        check_dimension(params)
        with self._lock:
            target = self._registry.get(params["ResourceId"])
            if target.policies.pop(params["PolicyName"], None) is None:
                raise AwsError("ObjectNotFoundException", f"No scaling policy found: {params['PolicyName']}")
        return {}

    def op_describe_scaling_policies(self, params: Params) -> dict[str, Any]:
        """List policies, of one resource or of given names if any."""
        check_dimension(params)
        names, resource = params.get("PolicyNames"), params.get("ResourceId")
        with self._lock:
            found = [
                target.describe_policy(policy)
                for target in self._registry.all()
                for policy in target.policies.values()
                if (not names or policy.name in names) and resource in (None, target.resource_id)
            ]
        return {"ScalingPolicies": _whole(found, params, "DescribeScalingPolicies")}

    def op_describe_scaling_activities(self, params: Params) -> dict[str, Any]:
        """List activities, newest first; those that scaled nothing are not recorded."""
        check_dimension(params)
        if params.get("IncludeNotScaledActivities"):
            raise NotEmulated("Application Auto Scaling DescribeScalingActivities.IncludeNotScaledActivities")
        resource = params.get("ResourceId")
        with self._lock:
            self._activities.settle()
            found = [
                each.describe() for each in self._activities.all() if resource in (None, each.resource_id)
            ]
        return {"ScalingActivities": _whole(found, params, "DescribeScalingActivities")}

    def _start(self) -> None:
        if not self._ticking:
            self._ticking = True
            self._schedule()

    def _schedule(self) -> None:
        now = self._clock.now() - DELAY_SECONDS
        self._clock.after(MINUTE - now % MINUTE, self._tick)

    def _tick(self) -> None:
        with self._lock:
            if not self._registry.all():
                self._ticking = False
                return
            self._schedule()
        self.track()


def _policy_arn(resource_id: str, name: str) -> str:
    owner = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy"
    return f"{owner}:{uuid.uuid4()}:resource/sagemaker/{resource_id}:policyName/{name}"


def _whole(found: list[dict[str, Any]], params: Params, operation: str) -> list[dict[str, Any]]:
    """Answer everything at once, and refuse a request for pages."""
    _refuse(params, operation, "NextToken")
    if len(found) > params.get("MaxResults", len(found)):
        raise NotEmulated(f"Application Auto Scaling pages of {operation}")
    return found


def _refuse(params: Params, operation: str, *properties: str) -> None:
    for each in properties:
        if each in params:
            raise NotEmulated(f"Application Auto Scaling {operation}.{each}")
