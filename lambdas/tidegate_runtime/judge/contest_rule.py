"""What a contest is about: which way is better, how sure the judge must be, and how traffic follows."""

from dataclasses import dataclass
from typing import Final, Literal

Better = Literal["more", "fewer"]
OnNoDifference = Literal["roll_back", "promote", "needs_human"]

BETTER_IS: Final = ("more", "fewer")
ON_NO_DIFFERENCE: Final = ("roll_back", "promote", "needs_human")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestRule:
    """How the candidate, here called the challenger, and live, the champion, compete for a counted reward.

    Args:
        better: Whether `more` or `fewer` rewards are better.
        alpha: Bound on the chance that an arm wins that is not better.
        floor_percent: The least share of either arm of a bandit; None: the split stays as it is.
        reweigh_seconds: How long a bandit observes each split at least.
        on_no_difference: What follows when neither wins in the step's longest time.

    Raises:
        ValueError: naming what is out of range.

    """

    better: Better
    alpha: float
    floor_percent: int | None = None
    reweigh_seconds: int = 0
    on_no_difference: OnNoDifference = "roll_back"

    def __post_init__(self) -> None:
        faults = []
        if self.better not in BETTER_IS:
            faults.append(f"better must be one of {BETTER_IS}, got {self.better!r}")
        if not 0 < self.alpha <= 0.5:
            faults.append(f"alpha must be above 0 and at most 0.5, got {self.alpha}")
        if self.floor_percent is not None and not 1 <= self.floor_percent <= 49:
            faults.append(f"floor_percent must be 1 to 49, got {self.floor_percent}")
        if self.floor_percent is not None and self.reweigh_seconds < 1:
            faults.append(f"reweigh_seconds must be at least 1 with a floor, got {self.reweigh_seconds}")
        policy = self.on_no_difference
        if policy not in ON_NO_DIFFERENCE:
            faults.append(f"on_no_difference must be one of {ON_NO_DIFFERENCE}, got {policy!r}")
        if faults:
            raise ValueError("; ".join(faults))

    @property
    def threshold(self) -> float:
        """The e-value at which an arm has won, or the split is not the one that was set."""
        return 1 / self.alpha
