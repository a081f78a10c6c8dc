"""The target-tracking loop, once in a cloud minute.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html (the predefined
metric: invocations of one instance in a minute) and
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html (blocked during an update)
"""

from localcloud.clock import CloudClock
from localcloud.cloudwatch.store import MetricKey, MetricStore
from localcloud.scaling.activities import Activities
from localcloud.scaling.capacity import Capacity, VariantCapacity
from localcloud.scaling.registry import Registry, names_of
from localcloud.scaling.target import Target
from localcloud.scaling.tracking import IN_MINUTES, proposal

MINUTE = 60


class TrackingLoop:
    """Applies the policies of every target; not thread-safe by itself."""

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

    def run(self) -> None:
        """Look at every target once."""
        self._activities.settle()
        for target in self._registry.all():
            found = self._sagemaker.get(target.resource_id)
            if found is not None and target.policies:
                self._track(target, Capacity(*found))

    def _track(self, target: Target, capacity: Capacity) -> None:
        """Follow the policy that asks for most instances, where they disagree."""
        if not capacity.in_service:
            return
        loads, now, current = self._loads(target.resource_id), self._clock.now(), capacity.desired
        proposals = {
            name: proposal(policy, target, loads, current=current, now=now)
            for name, policy in target.policies.items()
        }
        name = max(proposals, key=lambda each: proposals[each])
        if proposals[name] != current:
            cause = f"policy {name} triggered at {loads[-1]} invocations per instance and minute"
            target.last = self._activities.begin(
                target.resource_id, current, proposals[name], cause=cause, is_policy=True
            )

    def _loads(self, resource_id: str) -> list[float | None]:
        endpoint, variant = names_of(resource_id)
        dimensions = {"EndpointName": endpoint, "VariantName": variant}
        key = MetricKey.of("AWS/SageMaker", "InvocationsPerInstance", dimensions)
        end = int(self._clock.now() // MINUTE) * MINUTE
        starts = range(end - IN_MINUTES * MINUTE, end, MINUTE)
        found = [self._metrics.merged(key, start=at, end=at + MINUTE, samples=False) for at in starts]
        return [each.total if each is not None else None for each in found]
