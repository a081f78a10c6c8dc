"""What was counted in a contest, by the share of the traffic under which it was counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

NUMBERS: Final = 6


@dataclass(frozen=True, slots=True)
class Pair:
    """A count of each arm.

    Args:
        live: Of the champion, at least 0.
        candidate: Of the challenger, at least 0.

    Raises:
        ValueError: a count is negative or not a whole number.

    """

    live: int = 0
    candidate: int = 0

    def __post_init__(self) -> None:
        for name, value in (("live", self.live), ("candidate", self.candidate)):
            if not isinstance(value, int) or value < 0:
                raise ValueError(f"{name} must be a whole number of at least 0, got {value!r}")

    def __add__(self, other: "Pair") -> "Pair":
        return Pair(self.live + other.live, self.candidate + other.candidate)

    @property
    def both(self) -> int:
        """The sum of both arms."""
        return self.live + self.candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted under one share.

    Args:
        requests: Requests.
        exposed: Those among them in buckets whose rewards count.
        rewards: Rewards of these buckets.

    """

    requests: Pair = Pair()
    exposed: Pair = Pair()
    rewards: Pair = Pair()

    def plus(self, requests: Pair, rewards: Pair | None) -> "Counted":
        """Return this with one bucket more; `rewards` None: they belong to another split."""
        if rewards is None:
            return Counted(requests=self.requests + requests, exposed=self.exposed, rewards=self.rewards)
        return Counted(
            requests=self.requests + requests,
            exposed=self.exposed + requests,
            rewards=self.rewards + rewards,
        )

    def to_json(self) -> list[int]:
        """Return six numbers: requests, exposed and rewards, each of live and of the candidate."""
        pairs = (self.requests, self.exposed, self.rewards)
        return [count for pair in pairs for count in (pair.live, pair.candidate)]

    @classmethod
    def from_json(cls, numbers: list[int]) -> "Counted":
        """Return what `to_json` wrote; raises ValueError for anything else."""
        if len(numbers) != NUMBERS:
            raise ValueError(f"a share of a contest must have {NUMBERS} numbers, got {len(numbers)}")
        first, second, third = (Pair(*numbers[at : at + 2]) for at in range(0, NUMBERS, 2))
        return cls(requests=first, exposed=second, rewards=third)


Shares = Mapping[int, Counted]
"""What was counted, by the challenger's share in percent, 1 to 99."""


def rewards_of(shares: Shares) -> Pair:
    """Return the rewards under all shares."""
    return sum((counted.rewards for counted in shares.values()), Pair())


def exposed_of(shares: Shares) -> Pair:
    """Return the requests, under all shares, of the buckets whose rewards count."""
    return sum((counted.exposed for counted in shares.values()), Pair())


def rewarded(shares: Shares) -> Iterator[tuple[float, Pair]]:
    """Yield share (0 to 1) and rewards wherever there are any."""
    for percent, counted in sorted(shares.items()):
        if counted.rewards.both:
            yield percent / 100, counted.rewards
