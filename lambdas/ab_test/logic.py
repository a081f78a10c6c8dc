"""Brings an endpoint, step by step, to where its A/B test should be by now."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ab_test.decision import Step, idle_variants, next_step
from ab_test.notice import ends_soon, report, subject
from ab_test.ports import ConfigAge, Floors, Topic
from ab_test.settings import Settings
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.clock import next_boundary
from tidegate_runtime.endpoint_status import IN_SERVICE
from tidegate_runtime.errors import EndpointBusy, EndpointMissing
from tidegate_runtime.metric_ports import Metrics
from tidegate_runtime.ports import CANDIDATE, Clock, Endpoint, EndpointView, Variant

_LOG = logging.getLogger("tidegate")

REMINDER_AT: Final = 8 * 3_600
"""Time of the daily reminder, in seconds since midnight UTC."""
EVERY_SECONDS: Final = 300
"""How often the rule calls; the one call in this window after REMINDER_AT reminds."""
_WARN_BEFORE: Final = 3 * 86_400
_DAY: Final = 86_400
_HOUR: Final = 3_600
_INVOCATIONS: Final = "Invocations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is over or idle, and the requests that tell so."""

    leaving: tuple[str, ...] = ()
    calls: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Looks at one endpoint, takes at most one step, and tells of it.

    It remembers nothing: every run reads the endpoint anew, so that runs may be repeated, lost or late. It
    leaves an endpoint alone that is not in service, or that a rollout has put a `candidate` on.
    """

    settings: Settings
    endpoint: Endpoint
    configs: ConfigAge
    metrics: Metrics
    floors: Floors
    topic: Topic | None
    clock: Clock

    def __call__(self) -> dict[str, Any]:
        """Take the next step, if there is one; return what was done, or why nothing was."""
        try:
            view = self.endpoint.describe()
        except EndpointMissing:
            return _nothing("there is no such endpoint")
        if view.status != IN_SERVICE:
            return _nothing(f"the endpoint is {view.status}")
        if view.variant(CANDIDATE) is not None:
            return _nothing("a rollout is in flight")
        if view.variant(self.settings.champion) is None:
            return _nothing(f"the endpoint has no variant {self.settings.champion}")
        now = self.clock.now()
        found = self._find(view, now)
        if not found.leaving:
            return self._warn(now)
        try:
            return self._leave(view, found, now)
        except EndpointBusy:
            return _nothing("the endpoint has just begun another change")

    def _find(self, view: EndpointView, now: float) -> Found:
        others = {name for name in self.settings.instance_types if name != self.settings.champion}
        if now >= self.settings.deadline:
            return Found(leaving=tuple(v.name for v in view.variants if v.name in others))
        since = now - self.settings.idle_after_seconds
        # A new configuration may have brought a variant that nobody could call before.
        if self.configs.created_at(view.config_name) > since:
            return Found()
        calls = self._calls(view, since, now)
        return Found(leaving=tuple(idle_variants(view.variants, calls, others)), calls=calls)

    def _calls(self, view: EndpointView, since: float, now: float) -> Mapping[str, float]:
        """Return the requests to each variant; nothing when CloudWatch does not answer completely."""
        sums = self.metrics.sums(
            [(variant.name, _INVOCATIONS) for variant in view.variants],
            start=int(since // _HOUR) * _HOUR,
            end=next_boundary(now, bucket_seconds=60),
            period=_HOUR,
        )
        return {name: sum(found.values()) for (name, _), found in (sums or {}).items()}

    def _leave(self, view: EndpointView, found: Found, now: float) -> dict[str, Any]:
        step = next_step(
            [variant for variant in view.variants if variant.name in self.settings.instance_types],
            champion=self.settings.champion,
            leaving=found.leaving,
            floors=self.floors.read(found.leaving),
        )
        did = self._take(step)
        if did or self._is_time_to_remind(now):
            leaving = [_after(step, v) for v in view.variants if v.name in found.leaving]
            text = report(self.settings, now=now, leaving=leaving, did=did, calls=found.calls)
            self._tell(text, now, found.leaving)
        return {"leaving": list(found.leaving), "did": did}

    def _take(self, step: Step) -> list[str]:
        did = []
        if step.weights:
            self.endpoint.set_weights(step.weights)
            shown = ", ".join(f"{name}={weight:g}" for name, weight in sorted(step.weights.items()))
            did.append(f"weights {shown}")
        for name in step.floors:
            self.floors.lower(name, to=1)
            did.append(f"minimum capacity of {name} lowered to 1")
        if step.shrink:
            self.endpoint.set_instances(step.shrink, 1)
            did.append(f"{step.shrink} goes down to 1 instance")
        return did

    def _warn(self, now: float) -> dict[str, Any]:
        if 0 < self.settings.deadline - now <= _WARN_BEFORE and self._is_time_to_remind(now):
            self._tell(ends_soon(self.settings), now, ())
        return _nothing("the test is over" if now >= self.settings.deadline else "nothing is over or idle")

    def _tell(self, text: str, now: float, leaving: Sequence[str]) -> None:
        _LOG.warning("%s", text)
        if self.topic is not None:
            topic, title = self.topic, subject(self.settings, now=now, leaving=leaving)
            best_effort("notify", lambda: topic.publish(subject=title, text=text), otherwise=None)

    def _is_time_to_remind(self, now: float) -> bool:
        return REMINDER_AT <= now % _DAY < REMINDER_AT + EVERY_SECONDS


def _after(step: Step, variant: Variant) -> Variant:
    return replace(variant, desired_instances=1) if variant.name == step.shrink else variant


def _nothing(because: str) -> dict[str, Any]:
    return {"leaving": [], "did": [], "because": because}
