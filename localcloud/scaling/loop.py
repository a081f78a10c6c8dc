"""What happens by the clock: scheduled actions, and target tracking once in each period of its metric.

Sources: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html;
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html (blocked during an update)
"""

from localcloud.clock import CloudClock
from localcloud.cloudwatch.store import MetricStore
from localcloud.errors import AwsError
from localcloud.scaling.activities import Activities
from localcloud.scaling.capacity import Capacity, VariantCapacity
from localcloud.scaling.metrics import Readings
from localcloud.scaling.registry import Registry, check_bounds
from localcloud.scaling.scheduled_action import ScheduledAction
from localcloud.scaling.target import Target
from localcloud.scaling.tracking import IN_SECONDS, proposal
from localcloud.scaling.tracking_rule import TrackingRule


class Loop:
    """Looks at every target; not thread-safe by itself."""

    def __init__(
        self,
        *,
        clock: CloudClock,
        sagemaker: VariantCapacity,
        metrics: MetricStore,
        registry: Registry,
        activities: Activities,
    ) -> None:
        self._clock = clock
        self._sagemaker = sagemaker
        self._metrics = metrics
        self._registry = registry
        self._activities = activities
        self._looked_at = 0.0

    def run(self) -> None:
        """Run the scheduled actions that are due, then the policies whose period is over."""
        self._activities.settle()
        now, before = self._clock.now(), self._looked_at
        self._looked_at = now
        for target in self._registry.all():
            for action in target.actions.values():
                if action.next_at is not None and action.next_at <= now:
                    self._act(target, action, now)
            capacity = self._sagemaker.get(target.resource_id)
            if capacity is not None and capacity.in_service:
                self._track(target, capacity, now, before)

    def _act(self, target: Target, action: ScheduledAction, now: float) -> None:
        action.advance(now)
        if target.is_suspended("ScheduledScaling"):
            return
        minimum, maximum = action.bounds(target.minimum, target.maximum)
        cause = f"scheduled action name {action.name} was triggered"
        capacity = self._sagemaker.get(target.resource_id)
        try:
            if capacity is None:
                raise AwsError("ValidationException", "The scaled resource no longer exists.")
            check_bounds(minimum, maximum, capacity)
        except AwsError as error:
            self._activities.rebounded(
                target, minimum=minimum, maximum=maximum, cause=cause, refusal=error.message
            )
            return
        target.minimum, target.maximum = minimum, maximum
        self._activities.rebounded(target, minimum=minimum, maximum=maximum, cause=cause)
        self._registry.bring_within(target, capacity)

    def _track(self, target: Target, capacity: Capacity, now: float, before: float) -> None:
        """Follow the policy that asks for most units, where they disagree."""
        rules = {
            name: policy.rule
            for name, policy in target.policies.items()
            if isinstance(policy.rule, TrackingRule) and _is_over(policy.rule.metric.period, before, now)
        }
        if not rules:
            return
        current = capacity.desired
        loads = {name: self._loads(rule, now) for name, rule in rules.items()}
        proposals = {
            name: proposal(rule, target, loads[name], current=current, now=now)
            for name, rule in rules.items()
        }
        name = max(proposals, key=lambda each: proposals[each])
        if proposals[name] != current:
            cause = f"policy {name} triggered at {loads[name][-1]} of target {rules[name].target_value}"
            target.last = self._activities.begin(target, current, proposals[name], cause=cause)

    def _loads(self, rule: TrackingRule, now: float) -> Readings:
        return rule.metric.readings(self._metrics, now, periods=IN_SECONDS // rule.metric.period)


def _is_over(period: int, before: float, now: float) -> bool:
    """Whether a period has ended since the last look."""
    return int(now // period) != int(before // period)
