"""The adapters behind an announcement; their clients are made when something is announced."""

from tidegate_runtime.adapters.aws import deferred
from tidegate_runtime.adapters.embedded_metrics import EmbeddedMetrics
from tidegate_runtime.adapters.events import EventBus
from tidegate_runtime.adapters.topic import SnsTopic
from tidegate_runtime.announcer import Announcer
from tidegate_runtime.settings import Settings


def announcer(settings: Settings) -> Announcer:
    """Return what tells how a rollout ended."""
    return Announcer(
        endpoint_name=settings.endpoint_name,
        events=EventBus(deferred("events")),
        meter=EmbeddedMetrics(endpoint_name=settings.endpoint_name),
        needs_human=settings.plan.needs_human,
        topic=people(settings),
    )


def people(settings: Settings) -> SnsTopic | None:
    """Return where people read what happens; None when nobody asked for it."""
    arn = settings.notify_topic
    return SnsTopic(deferred("sns"), arn=arn) if arn else None
