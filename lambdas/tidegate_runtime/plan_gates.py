"""What a plan asks for between two shares: a gate, and hooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

ON_TIMEOUT: Final = ("roll_back", "needs_human")

HOOK_SECONDS: Final = 3_600
"""How long a hook may ask to be called again, before it counts as failed."""

_MOST_LOOKS_AT_GATES: Final = 400
_SHORTEST_LOOK_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StepGate:
    """Who decides about a step that has passed.

    Attributes:
        max_wait_seconds: How long the gate waits for a decision.
        on_timeout: `roll_back` or `needs_human`, when none came.
        function_arn: ARN of the Lambda function that decides; empty when a person does.

    """

    max_wait_seconds: int
    on_timeout: str = "roll_back"
    function_arn: str = ""

    def __post_init__(self) -> None:
        if self.max_wait_seconds < 1:
            raise ValueError(f"max_wait_seconds must be at least 1, got {self.max_wait_seconds}")
        if self.on_timeout not in ON_TIMEOUT:
            raise ValueError(f"on_timeout must be one of {ON_TIMEOUT}, got {self.on_timeout!r}")

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any] | None) -> Self | None:
        """Parse a gate; None is a step without one."""
        return (
            None if raw is None else cls(**{name: value for name, value in raw.items() if value is not None})
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What a plan waits for: all gates together, in seconds, and how many hooks there are.

    How many looks of the judge that takes is counted as the library counts it, which gives the machine of a
    plan with too many for one execution a way into the next.
    """

    gate_seconds: int
    hooks: int

    @property
    def seconds(self) -> int:
        """The longest that all gates and hooks together take."""
        return self.gate_seconds + self.hooks * HOOK_SECONDS

    def looks(self, *, bakes_seconds: int, bucket_seconds: int) -> int:
        """Return how many looks fit into the longest rollout; one at a gate or hook counts as two."""
        pace = max(bucket_seconds, _SHORTEST_LOOK_SECONDS, -(-self.gate_seconds // _MOST_LOOKS_AT_GATES))
        hooks = self.hooks * (HOOK_SECONDS // _SHORTEST_LOOK_SECONDS)
        return -(-bakes_seconds // bucket_seconds) + 2 * (-(-self.gate_seconds // pace) + hooks)
