"""What the judge remembers of a contest between two looks: sums, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tidegate_runtime.judge.codec import Reader
from tidegate_runtime.judge.contest_counts import Counted, Pair, Shares
from tidegate_runtime.judge.counts import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestEvidence:
    """Everything counted in a contest. Immutable.

    The likelihoods of all tests depend on the buckets only through their sums by share, so that no likelihood
    has to be kept and whatever is asked later can be computed exactly.

    Args:
        share_percent: The challenger's share now, 1 to 99, set before the next bucket begins.
        seconds: Observed time under this share, since it was set last.
        shares: The sums by share.

    Example:
        >>> ContestEvidence.begin(50).to_json()
        {'share_percent': 50, 'seconds': 0, 'shares': {}}

    """

    share_percent: int
    seconds: int = 0
    shares: Shares = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.share_percent <= 99:
            raise ValueError(f"share_percent must be 1 to 99, got {self.share_percent}")

    @classmethod
    def begin(cls, share_percent: int) -> "ContestEvidence":
        """Return the evidence before the first bucket."""
        return cls(share_percent=share_percent)

    def reweighed(self, share_percent: int) -> "ContestEvidence":
        """Return the evidence under another share from now on: what was counted stays evidence."""
        return replace(self, share_percent=share_percent, seconds=0)

    def add(self, bucket: Bucket) -> "ContestEvidence":
        """Return the evidence with one more bucket."""
        requests = Pair(bucket.live.requests, bucket.candidate.requests)
        before = self.shares.get(self.share_percent, Counted())
        shares = {**self.shares, self.share_percent: before.plus(requests, bucket.rewards)}
        return replace(self, shares=shares, seconds=self.seconds + bucket.seconds)

    def to_json(self) -> dict[str, object]:
        """Return the evidence as JSON-safe values."""
        return {
            "share_percent": self.share_percent,
            "seconds": self.seconds,
            "shares": {str(percent): counted.to_json() for percent, counted in self.shares.items()},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> "ContestEvidence":
        """Return the evidence that `to_json` wrote; raises ValueError for anything else."""
        reader = Reader(document)
        shares = reader.part("shares")
        return cls(
            share_percent=reader.integer("share_percent"),
            seconds=reader.integer("seconds"),
            shares={int(percent): Counted.from_json(shares.integers(percent)) for percent in shares.document},
        )
