"""Tells the event bus, the metrics and the people how a rollout ended."""

from dataclasses import dataclass

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.notice import notice_of
from tidegate_runtime.notice_ports import Meter, Topic
from tidegate_runtime.ports import Events, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """Gives notice in every way there is; one that fails does not hold up the others, or the end.

    Attributes:
        endpoint_name: The endpoint.
        events: The event bus.
        meter: The metrics.
        topic: Where people read; None when nobody asked for it.

    """

    endpoint_name: str
    events: Events
    meter: Meter
    topic: Topic | None

    def __call__(self, run: Run) -> None:
        """Tell how a rollout ended, from its record."""
        best_effort("publish the end", lambda: self._publish(run), otherwise=None)
        best_effort("count the end", lambda: self._count(run), otherwise=None)
        best_effort("notify", lambda: self._notify(run), otherwise=None)

    def _publish(self, run: Run) -> None:
        detail = {
            "rollout_id": run.rollout_id,
            "endpoint": self.endpoint_name,
            "outcome": run.status,
            "reason": run.body.get("reason", ""),
            "model_package_arn": run.body.get("package_arn", ""),
        }
        self.events.publish(detail)

    def _count(self, run: Run) -> None:
        ended = float(run.body["ended_at"])
        seconds = ended - float(run.body.get("started_at", ended))
        self.meter.ended(outcome=run.status, at=ended, seconds=seconds)

    def _notify(self, run: Run) -> None:
        if self.topic is not None:
            notice = notice_of(run, endpoint_name=self.endpoint_name)
            self.topic.publish(subject=notice.subject, text=notice.text)
