"""Step policies at work: what an alarm sets off.

Source: https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

from localcloud.cloudwatch.alarm_scaling import Breach
from localcloud.scaling.activities import Activities
from localcloud.scaling.capacity import VariantCapacity
from localcloud.scaling.cooldown import in_count, out_count
from localcloud.scaling.policy import Policy
from localcloud.scaling.registry import Registry
from localcloud.scaling.steps import Step, StepRule
from localcloud.scaling.target import Target


def run_steps(
    registry: Registry,
    activities: Activities,
    sagemaker: VariantCapacity,
    policy_arn: str,
    breach: Breach,
    *,
    now: float,
) -> None:
    """Scale as the step says into which an alarm's data points fall.

    Nothing happens while the resource is not InService, suspended or in a cooldown.

    Args:
        registry: knows the policy.
        activities: begins the activity.
        sagemaker: knows the capacity.
        policy_arn: the alarm's action.
        breach: the alarm.
        now: epoch seconds of the cloud clock.

    """
    found = _find(registry, policy_arn)
    if found is None or not isinstance(found[1].rule, StepRule):
        return
    target, policy, rule = *found, found[1].rule
    step = rule.step(breach.values, breach.threshold, rising=breach.rising)
    capacity = sagemaker.get(target.resource_id)
    if step is None or capacity is None or not capacity.in_service:
        return
    count = _count(rule, step, target, current=capacity.desired, now=now)
    if count != capacity.desired:
        cause = f"monitor alarm {breach.alarm_name} in state {breach.state} triggered policy {policy.name}"
        target.last = activities.begin(target, capacity.desired, count, cause=cause)


def _count(rule: StepRule, step: Step, target: Target, *, current: int, now: float) -> int:
    allowed = out_count if rule.adjusted(step, current) > current else in_count
    return allowed(rule, target, current=current, now=now, wanted=lambda base: rule.adjusted(step, base))


def _find(registry: Registry, policy_arn: str) -> tuple[Target, Policy] | None:
    return next(
        (
            (target, policy)
            for target in registry.all()
            for policy in target.policies.values()
            if policy.arn == policy_arn
        ),
        None,
    )
