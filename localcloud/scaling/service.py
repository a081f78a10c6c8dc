"""Application Auto Scaling for SageMaker.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

import threading
from collections.abc import Mapping
from typing import Any

from localcloud.clock import CloudClock
from localcloud.cloudwatch.alarm_scaling import Breach
from localcloud.cloudwatch.store import MetricStore
from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import JsonService
from localcloud.scaling.activities import Activities
from localcloud.scaling.answers import refuse, whole
from localcloud.scaling.capacity import VariantCapacity
from localcloud.scaling.dimensions import check_namespace
from localcloud.scaling.loop import Loop
from localcloud.scaling.policies import put_policy
from localcloud.scaling.registry import Registry
from localcloud.scaling.scheduled_action import ScheduledAction
from localcloud.scaling.stepping import run_steps

Params = Mapping[str, Any]

TICK_SECONDS = 10
"""Cloud seconds between two looks: the shortest period of a metric that is tracked."""
DELAY_SECONDS = 5
"""Cloud seconds after a period at which policies are applied, so that its last samples have arrived."""


class ApplicationAutoScaling(JsonService):
    """Scalable targets, scaling policies and scheduled actions; safe to use from any thread.

    Args:
        clock: the cloud clock.
        sagemaker: reads and changes the capacities.
        metrics: where the metrics of target tracking are read.

    Example:
        scaling = ApplicationAutoScaling(clock, sagemaker, metrics)
        scaling.call("RegisterScalableTarget", {"ServiceNamespace": "sagemaker", ...})

    """

    def __init__(self, clock: CloudClock, sagemaker: VariantCapacity, metrics: MetricStore) -> None:
        super().__init__("application-autoscaling")
        self._clock = clock
        self._sagemaker = sagemaker
        self._lock = threading.RLock()
        self._activities = Activities(clock, sagemaker)
        self._registry = Registry(clock, sagemaker, self._activities)
        self._loop = Loop(
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
        return self._registry.holds(f"endpoint/{endpoint}/variant/{variant}")

    def run_policy(self, policy_arn: str, breach: Breach) -> None:
        """Run a step policy, as an alarm's action; one that is gone, or tracks a target, does nothing."""
        with self._lock:
            self._activities.settle()
            run_steps(
                self._registry, self._activities, self._sagemaker, policy_arn, breach, now=self._clock.now()
            )

    def op_register_scalable_target(self, params: Params) -> dict[str, Any]:
        """Register or update a target. RoleARN is accepted and unused: the service-linked role does it."""
        check_namespace(params)
        refuse(params, "RegisterScalableTarget", "Tags")
        with self._lock:
            target = self._registry.register(params)
            self._start()
            return {"ScalableTargetARN": target.arn}

    def op_deregister_scalable_target(self, params: Params) -> dict[str, Any]:
        """Deregister a target, which deletes its policies and scheduled actions."""
        with self._lock:
            self._registry.deregister(params)
        return {}

    def op_describe_scalable_targets(self, params: Params) -> dict[str, Any]:
        """List targets, of given resources if any."""
        check_namespace(params)
        ids, dimension = params.get("ResourceIds"), params.get("ScalableDimension")
        if dimension is not None and not ids:
            raise AwsError("ValidationException", "ResourceIds are required with a ScalableDimension")
        with self._lock:
            found = [
                each.describe()
                for each in self._registry.all()
                if (not ids or each.resource_id in ids) and dimension in (None, each.dimension.name)
            ]
        return {"ScalableTargets": whole(found, params, "DescribeScalableTargets")}

    def op_put_scaling_policy(self, params: Params) -> dict[str, Any]:
        """Create or update a policy. The answer names no alarms: tracking needs none, steps have none yet."""
        with self._lock:
            policy = put_policy(self._registry.get(params), params, self._clock.now())
            return {"PolicyARN": policy.arn, "Alarms": []}

    def op_delete_scaling_policy(self, params: Params) -> dict[str, Any]:
        """Delete a policy.

        Raises:
            AwsError: ObjectNotFoundException, when there is none of that name.

        """
        with self._lock:
            target = self._registry.get(params)
            if target.policies.pop(params["PolicyName"], None) is None:
                raise AwsError("ObjectNotFoundException", f"No scaling policy found: {params['PolicyName']}")
        return {}

    def op_describe_scaling_policies(self, params: Params) -> dict[str, Any]:
        """List policies, of one resource or of given names if any."""
        check_namespace(params)
        names = params.get("PolicyNames")
        with self._lock:
            found = [
                {**target.identity(), **policy.describe()}
                for target in self._registry.named(params)
                for policy in target.policies.values()
                if not names or policy.name in names
            ]
        return {"ScalingPolicies": whole(found, params, "DescribeScalingPolicies")}

    def op_put_scheduled_action(self, params: Params) -> dict[str, Any]:
        """Create or update a scheduled action."""
        with self._lock:
            target, name = self._registry.get(params), params["ScheduledActionName"]
            target.actions[name] = ScheduledAction.put(
                params,
                target.actions.get(name),
                resource_id=target.resource_id,
                now=self._clock.now(),
            )
        return {}

    def op_delete_scheduled_action(self, params: Params) -> dict[str, Any]:
        """Delete a scheduled action.

        Raises:
            AwsError: ObjectNotFoundException, when there is none of that name.

        """
        name = params["ScheduledActionName"]
        with self._lock:
            target = self._registry.get(params)
            if target.actions.pop(name, None) is None:
                raise AwsError("ObjectNotFoundException", f"No scheduled action found: {name}")
        return {}

    def op_describe_scheduled_actions(self, params: Params) -> dict[str, Any]:
        """List scheduled actions, of one resource or of given names if any."""
        check_namespace(params)
        names = params.get("ScheduledActionNames")
        with self._lock:
            found = [
                {**target.identity(), **action.describe()}
                for target in self._registry.named(params)
                for action in target.actions.values()
                if not names or action.name in names
            ]
        return {"ScheduledActions": whole(found, params, "DescribeScheduledActions")}

    def op_describe_scaling_activities(self, params: Params) -> dict[str, Any]:
        """List activities, newest first; those that scaled nothing are not recorded."""
        check_namespace(params)
        if params.get("IncludeNotScaledActivities"):
            raise NotEmulated("Application Auto Scaling DescribeScalingActivities.IncludeNotScaledActivities")
        resource, dimension = params.get("ResourceId"), params.get("ScalableDimension")
        with self._lock:
            self._activities.settle()
            found = [
                each.describe()
                for each in self._activities.all()
                if resource in (None, each.resource_id) and dimension in (None, each.dimension.name)
            ]
        return {"ScalingActivities": whole(found, params, "DescribeScalingActivities")}

    def _start(self) -> None:
        if not self._ticking:
            self._ticking = True
            self._schedule()

    def _schedule(self) -> None:
        now = self._clock.now() - DELAY_SECONDS
        self._clock.after(TICK_SECONDS - now % TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        with self._lock:
            if not self._registry.all():
                self._ticking = False
                return
            self._schedule()
            self._loop.run()
