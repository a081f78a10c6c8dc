"""EventBridge on the cloud clock, and events put on the default bus from any thread."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence

from ministack import app as gateway
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge

from localcloud.ministack_adapter.environment import ACCOUNT_ID, REGION

_logger = logging.getLogger(__name__)
# A rule of `rate(1 minute)` fires each real second at scale 60: look four times as often.
_LONGEST_TICK_SECONDS = 1.0
_SHORTEST_TICK_SECONDS = 0.02
_TICK_CLOUD_SECONDS = 15.0


def install(*, now: Callable[[], float], scale: float) -> None:
    """Put rules, schedules and event times on the cloud clock.

    Args:
        now: cloud time in epoch seconds.
        scale: cloud seconds in a real second.

    """
    eventbridge._now_ts = now
    tick = min(_LONGEST_TICK_SECONDS, max(_SHORTEST_TICK_SECONDS, _TICK_CLOUD_SECONDS / scale))
    eventbridge._SCHEDULER_TICK_INTERVAL = tick


def emit(source: str, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
    """Put an AWS event on the default bus of the local account. Returns at once, from any thread.

    Delivery happens on the gateway's event loop, after the request in hand: like on AWS, whoever causes an
    event never waits for its consumers. A delivery that fails is logged, never raised.

    Args:
        source: for example `aws.cloudwatch`.
        detail_type: for example `CloudWatch Alarm State Change`.
        detail: JSON-safe mapping.
        resources: ARNs the event is about.

    """
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": list(resources),
    }
    loop: asyncio.AbstractEventLoop | None = gateway._MAIN_LOOP
    if loop is None or loop.is_closed():
        _logger.warning("dropped event %s: the local cloud does not run", detail_type)
        return
    loop.call_soon_threadsafe(_put, entry)


def _put(entry: Mapping[str, object]) -> None:
    set_request_account_id(ACCOUNT_ID)
    set_request_region(REGION)
    try:
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        _logger.exception("could not deliver %s", entry["DetailType"])
