"""What a plan waits for beside its evidence, and how often it looks meanwhile."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from tidegate.rollout_step import RolloutStep

_MOST_LOOKS_AT_GATES: Final = 400
_SHORTEST_LOOK_SECONDS: Final = 60

_HOOK_SECONDS: Final = 3_600
"""How long a hook may ask to be called again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWaits:
    """What a plan waits for.

    Attributes:
        gate_seconds: The longest that all gates together wait, 0 without a gate.
        hooks: How many hooks there are.
        hook_before_any_traffic: Whether one of them comes before the first step.

    """

    gate_seconds: int = 0
    hooks: int = 0
    hook_before_any_traffic: bool = False

    @classmethod
    def of(cls, steps: "Sequence[RolloutStep]") -> Self:
        """Return what these steps wait for."""
        return cls(
            gate_seconds=sum(step.gate.max_wait_seconds for step in steps if step.gate is not None),
            hooks=sum(arn is not None for step in steps for arn in (step.before, step.after)),
            hook_before_any_traffic=bool(steps) and steps[0].before is not None,
        )

    @property
    def seconds(self) -> int:
        """The longest that all gates and hooks together take."""
        return self.gate_seconds + self.hooks * _HOOK_SECONDS

    def gate_look_seconds(self, bucket_seconds: int) -> int:
        """Return the time between two looks at a closed gate, in seconds; 0 without a gate."""
        if not self.gate_seconds:
            return 0
        pace = math.ceil(self.gate_seconds / _MOST_LOOKS_AT_GATES)
        return max(bucket_seconds, _SHORTEST_LOOK_SECONDS, pace)

    def looks(self, *, bakes_seconds: int, bucket_seconds: int) -> int:
        """Return how many looks fit into the longest rollout; one at a gate or hook counts as two."""
        pace = max(self.gate_look_seconds(bucket_seconds), 1)
        hooks = self.hooks * (_HOOK_SECONDS // _SHORTEST_LOOK_SECONDS)
        return math.ceil(bakes_seconds / bucket_seconds) + 2 * (math.ceil(self.gate_seconds / pace) + hooks)
