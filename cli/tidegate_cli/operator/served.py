"""What a version answered during its rollout, from the counts that the judge read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from tidegate_cli.operator.ledger import LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Answers of a version.

    Attributes:
        requests: Requests that it served.
        bad: Bad ones among them by signal; a request may be bad by several signals.

    """

    requests: int
    bad: Mapping[str, int]

    @classmethod
    def of(cls, entries: Iterable[LogEntry]) -> Self:
        """Sum the buckets of JUDGED entries; one that was read twice counts once, as read last."""
        buckets: dict[int, Mapping[str, Any]] = {}
        for entry in entries:
            if entry.kind == "JUDGED":
                buckets |= {int(each["start"]): each["candidate"] for each in entry.body.get("buckets", ())}
        bad: dict[str, int] = {}
        for counts in buckets.values():
            for name, count in counts["bad"].items():
                bad[name] = bad.get(name, 0) + int(count)
        return cls(requests=sum(int(counts["requests"]) for counts in buckets.values()), bad=bad)

    @property
    def bad_in_words(self) -> str:
        """For example `30 5xx`; `0` without any."""
        return ", ".join(f"{count:,} {name}" for name, count in self.bad.items() if count) or "0"
