"""What was observed: requests and bad events of both variants, bucket by bucket."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tidegate_runtime.judge.contest_counts import Pair


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests that one variant served, and how many of them were bad, per signal.

    Args:
        requests: Number of requests, at least 0.
        bad: Number of bad requests by signal name, each between 0 and `requests`.

    Raises:
        ValueError: A count is negative, not a whole number, or bad events outnumber the requests.

    Example:
        >>> Counts(requests=120, bad={"5xx": 3})
        Counts(requests=120, bad={'5xx': 3})

    """

    requests: int
    bad: Mapping[str, int]

    def __post_init__(self) -> None:
        faults = [
            f"{name} must be a whole number of at least 0, got {value!r}"
            for name, value in [("requests", self.requests), *self.bad.items()]
            if not isinstance(value, int) or value < 0
        ]
        faults = faults or [
            f"{name} must be at most the {self.requests} requests, got {value}"
            for name, value in self.bad.items()
            if value > self.requests
        ]
        if faults:
            raise ValueError("; ".join(faults))

    @classmethod
    def none(cls, signals: Iterable[str]) -> "Counts":
        """Return counts of nothing for the named signals."""
        return cls(requests=0, bad=dict.fromkeys(signals, 0))

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum, for the signals of `self`.

        Raises:
            ValueError: `other` lacks a signal: what was not measured must not pass for zero.

        """
        missing = sorted(set(self.bad) - set(other.bad))
        if missing:
            raise ValueError(f"counts lack the signals {missing}, got {sorted(other.bad)}")
        bad = {name: count + other.bad[name] for name, count in self.bad.items()}
        return Counts(requests=self.requests + other.requests, bad=bad)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What both variants served within one interval of time.

    Args:
        start: Epoch second at which the interval begins.
        seconds: Length of the interval, at least 1.
        live: Counts of the live variant.
        candidate: Counts of the candidate.
        rewards: Rewards of a contest; None where none count.

    Raises:
        ValueError: `seconds` is below 1.

    """

    start: int
    seconds: int
    live: Counts
    candidate: Counts
    rewards: Pair | None = None

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError(f"seconds must be at least 1, got {self.seconds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Sums over buckets.

    Args:
        live: Counts of the live variant.
        candidate: Counts of the candidate.
        compared: Candidate requests of the buckets in which live served requests too.
        seconds: Total length of the buckets.

    """

    live: Counts
    candidate: Counts
    compared: int = 0
    seconds: int = 0

    @classmethod
    def empty(cls, signals: Iterable[str]) -> "Tally":
        """Return the tally of no bucket for the named signals."""
        return cls(live=Counts.none(signals), candidate=Counts.none(signals))

    def plus(self, bucket: Bucket) -> "Tally":
        """Return the tally with one more bucket."""
        return Tally(
            live=self.live.plus(bucket.live),
            candidate=self.candidate.plus(bucket.candidate),
            compared=self.compared + (bucket.candidate.requests if bucket.live.requests else 0),
            seconds=self.seconds + bucket.seconds,
        )
