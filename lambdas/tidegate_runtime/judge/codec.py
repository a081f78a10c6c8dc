"""Evidence as JSON: what is written is plain, what is read is checked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate_runtime.judge.config import JudgeConfig, Signal
from tidegate_runtime.judge.counts import Counts, Tally
from tidegate_runtime.judge.intervals import Intervals, insert


def fingerprint(config: JudgeConfig, signal: Signal) -> dict[str, object]:
    """Return the numbers that a signal's likelihoods depend on."""
    return {"max_ratio": signal.max_ratio, "margin": config.margin(signal), "paired": config.paired}


def tally_to_json(tally: Tally) -> dict[str, object]:
    """Return a tally as JSON-safe values."""
    return {
        "live": _counts_to_json(tally.live),
        "candidate": _counts_to_json(tally.candidate),
        "compared": tally.compared,
        "seconds": tally.seconds,
    }


def _counts_to_json(counts: Counts) -> dict[str, object]:
    return {"requests": counts.requests, "bad": dict(counts.bad)}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads typed values from one JSON object.

    Every method raises ValueError, naming the field, where the value is missing or of another kind.
    """

    document: Mapping[str, object]

    def signal(self, name: str, expected: Mapping[str, object]) -> "Reader":
        """Return the reader of one signal, provided that it was collected under the expected numbers."""
        reader = self.part("signals").part(name)
        found = {key: reader.document.get(key) for key in expected}
        if found != expected:
            raise ValueError(
                f"evidence of {name} must have been collected with {dict(expected)}, got {found}"
            )
        return reader

    def refuse_signals_other_than(self, names: Sequence[str]) -> None:
        """Raise ValueError if the document has signals besides the named ones."""
        others = sorted(set(self.part("signals").document) - set(names))
        if others:
            raise ValueError(f"evidence must be about {list(names)} only, got also {others}")

    def tally(self, key: str, signals: Sequence[str]) -> Tally:
        """Return the tally under `key`."""
        reader = self.part(key)
        return Tally(
            live=reader.part("live")._counts(signals),
            candidate=reader.part("candidate")._counts(signals),
            compared=reader.integer("compared"),
            seconds=reader.integer("seconds"),
        )

    def floats(self, key: str, length: int) -> tuple[float, ...]:
        """Return the finite numbers under `key`."""
        values = [_number(key, value) for value in self._list(key)]
        if len(values) != length or not all(map(math.isfinite, values)):
            raise ValueError(f"{key} must be {length} finite numbers, got {values}")
        return tuple(values)

    def integers(self, key: str) -> list[int]:
        """Return the whole numbers under `key`."""
        return [_whole(key, value) for value in self._list(key)]

    def intervals(self, key: str) -> Intervals:
        """Return the intervals under `key`."""
        intervals: Intervals = ()
        for pair in self._list(key):
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError(f"{key} must be pairs of epoch seconds, got {pair!r}")
            intervals = insert(intervals, _whole(key, pair[0]), _whole(key, pair[1]))
        return intervals

    def _counts(self, signals: Sequence[str]) -> Counts:
        bad = self.part("bad")
        return Counts(requests=self.integer("requests"), bad={name: bad.integer(name) for name in signals})

    def part(self, key: str) -> "Reader":
        """Return the reader of the object under `key`."""
        value = self.document.get(key)
        if not isinstance(value, Mapping):
            raise ValueError(f"{key} must be an object, got {value!r}")
        return Reader(value)

    def _list(self, key: str) -> list[object]:
        value = self.document.get(key)
        if not isinstance(value, list):
            raise ValueError(f"{key} must be a list, got {value!r}")
        return value

    def integer(self, key: str) -> int:
        """Return the whole number under `key`."""
        return _whole(key, self.document.get(key))


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} must be a number, got {value!r}")
    return float(value)


def _whole(key: str, value: object) -> int:
    # A passage through a state machine may turn 3 into 3.0.
    number = _number(key, value)
    if not number.is_integer():
        raise ValueError(f"{key} must be a whole number, got {value!r}")
    return int(number)
