"""Catastrophe floors on the live variant, which hold a rollout and roll nothing back."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from constructs import Construct

from tidegate._floor_alarms import FLOOR_RATIO, FLOOR_REQUESTS, FloorAlarms
from tidegate.signal import Signal

LIVE: Final = "live"
"""Name of the variant that serves the promoted version."""


class LiveAlarms(FloorAlarms):
    """One alarm per signal that fires when the live variant is plainly broken.

    A rollout does not start while one burns, and does not go on to its next step. The floors are those of
    `CandidateAlarms`; no data is no alarm. What people are to be woken by belongs into `EndpointAlarms`.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint.
        signals: What counts as bad.
        floor_ratio: Share of bad requests that is a catastrophe, above 0 and at most 1; 0.5 by default.
        floor_requests: Fewest requests of a period that count, at least 1; 50 by default.
        period: Length of a period; 60 s by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        LiveAlarms(stack, "LiveAlarms", endpoint_name="digits", signals=[Signal.server_errors()])

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        signals: Sequence[Signal],
        floor_ratio: float = FLOOR_RATIO,
        floor_requests: int = FLOOR_REQUESTS,
        period: Duration | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            endpoint_name=endpoint_name,
            variant=LIVE,
            signals=signals,
            floor_ratio=floor_ratio,
            floor_requests=floor_requests,
            period=period,
        )
