"""A step's contest as the plan says it; see `tidegate.Contest` for the meaning of each field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from tidegate_runtime.judge.contest_rule import BETTER_IS, ON_NO_DIFFERENCE

_REWEIGHING_SECONDS: Final = 300
"""Allowance for each change of the weights: the endpoint is Updating, and the next whole bucket begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A reward that candidate and live compete for in one step."""

    metric: str
    namespace: str
    better: str = "more"
    alpha: float | None = None
    floor_percent: int | None = None
    reweigh_seconds: int = 0
    reward_delay_seconds: int = 0
    on_no_difference: str = "roll_back"

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Parse one contest.

        Raises:
            ValueError: a policy is unknown, or the floor is out of range.
            TypeError: a field is missing or unknown.

        """
        contest = cls(**raw)
        if contest.better not in BETTER_IS:
            raise ValueError(f"contest.better must be one of {BETTER_IS}, got {contest.better!r}")
        if contest.on_no_difference not in ON_NO_DIFFERENCE:
            policy = contest.on_no_difference
            raise ValueError(f"contest.on_no_difference must be one of {ON_NO_DIFFERENCE}, got {policy!r}")
        if contest.floor_percent is not None and not 1 <= contest.floor_percent <= 49:
            raise ValueError(f"contest.floor_percent must be 1 to 49, got {contest.floor_percent}")
        return contest

    def allows(self, share_percent: int) -> bool:
        """Tell whether a bandit may give the candidate this share."""
        floor = self.floor_percent
        return floor is not None and floor <= share_percent <= 100 - floor

    def updates_seconds(self, bake_seconds: int) -> int:
        """Return how long changes of the weights take at most within a bake."""
        if self.floor_percent is None:
            return 0
        return bake_seconds // max(1, self.reweigh_seconds) * _REWEIGHING_SECONDS
