"""Tells the event bus, the metrics and the people how a rollout ended."""

from dataclasses import dataclass, field

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.live_notice import LiveRejected
from tidegate_runtime.notice import Notice, notice_of, reminder_of
from tidegate_runtime.notice_ports import LIVE_REJECTED, Events, Meter, Topic
from tidegate_runtime.plan_needs_human import NeedsHuman
from tidegate_runtime.ports import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """Gives notice in every way there is; one that fails does not hold up the others, or the end.

    Attributes:
        endpoint_name: The endpoint.
        events: The event bus.
        meter: The metrics.
        topic: Where people read; None when nobody asked for it.
        needs_human: How long a rollout waits for a human.

    """

    endpoint_name: str
    events: Events
    meter: Meter
    topic: Topic | None
    needs_human: NeedsHuman = field(default_factory=NeedsHuman)

    def __call__(self, run: Run) -> None:
        """Tell how a rollout ended, from its record."""
        best_effort("publish the end", lambda: self._publish(run), otherwise=None)
        best_effort("count the end", lambda: self._count(run), otherwise=None)
        best_effort("notify", lambda: self._notify(run), otherwise=None)

    def remind(self, run: Run, *, now: float) -> None:
        """Tell people, and nobody else, that a rollout still waits for them; it has ended only once.

        Raises:
            Fault: they could not be told.

        """
        self._send(reminder_of(run, endpoint_name=self.endpoint_name, policy=self.needs_human, now=now))

    def live_rejected(self, told: LiveRejected) -> None:
        """Tell that the live version was rejected."""
        detail = told.detail(endpoint_name=self.endpoint_name)
        best_effort(
            "publish the rejection", lambda: self.events.publish(detail, kind=LIVE_REJECTED), otherwise=None
        )
        notice = told.notice(endpoint_name=self.endpoint_name)
        best_effort("notify", lambda: self._send(notice), otherwise=None)

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
        self._send(notice_of(run, endpoint_name=self.endpoint_name, policy=self.needs_human))

    def _send(self, notice: Notice) -> None:
        if self.topic is not None:
            self.topic.publish(subject=notice.subject, text=notice.text)
