"""Catastrophe floors on the candidate, and on nothing else."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from constructs import Construct

from tidegate._floor_alarms import FLOOR_RATIO, FLOOR_REQUESTS, FloorAlarms
from tidegate.signal import Signal

CANDIDATE: Final = "candidate"
"""Name of the variant that exists only during a rollout."""


class CandidateAlarms(FloorAlarms):
    """One alarm per signal that fires when the candidate is plainly broken.

    An alarm goes off when at least `floor_ratio` of at least `floor_requests` requests of one period were
    bad. The floors lie so far from normal that they cannot spoil the judge's bound on false alarms. They
    watch the variant `candidate` only, and no data is no alarm: outside of a rollout they are silent.

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
        CandidateAlarms(stack, "Alarms", endpoint_name="digits", signals=[Signal.server_errors()])

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
            variant=CANDIDATE,
            signals=signals,
            floor_ratio=floor_ratio,
            floor_requests=floor_requests,
            period=period,
        )
