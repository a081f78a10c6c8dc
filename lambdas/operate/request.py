"""What an operator asks, and what is answered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from tidegate_runtime.errors import Rejected

VERBS: Final = ("hold", "resume", "promote")
USUAL_HOLD_SECONDS: Final = 24 * 3600
LONGEST_HOLD_SECONDS: Final = 72 * 3600
"""How long one rollout can be held, all its holds together; its state machine's time-out counts on it."""

_LONGEST_TEXT: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an operator asks.

    Attributes:
        verb: `hold`, `resume` or `promote`.
        by: Who asks.
        reason: Why.
        rollout_id: Which rollout; the one in flight when empty.
        seconds: How long to hold.
        every: Whether to promote through all later steps too.

    """

    verb: str
    by: str
    reason: str
    rollout_id: str = ""
    seconds: int = USUAL_HOLD_SECONDS
    every: bool = False

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Self:
        """Parse a request.

        Raises:
            Rejected: naming everything that is wrong with it.

        """
        faults = []
        if event.get("verb") not in VERBS:
            faults.append(f"verb must be one of {VERBS}, got {event.get('verb')!r}")
        for name in ("by", "reason"):
            text = event.get(name)
            if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_TEXT:
                faults.append(f"{name} must be a text of 1 to {_LONGEST_TEXT} characters, got {text!r}")
        if not isinstance(event.get("rollout_id", ""), str):
            faults.append(f"rollout_id must be a text, got {event['rollout_id']!r}")
        seconds = event.get("seconds", USUAL_HOLD_SECONDS)
        if type(seconds) is not int or not 60 <= seconds <= LONGEST_HOLD_SECONDS:
            faults.append(f"seconds must be a whole number, 60 to {LONGEST_HOLD_SECONDS}, got {seconds!r}")
        if type(event.get("every", False)) is not bool:
            faults.append(f"every must be true or false, got {event['every']!r}")
        unknown = sorted(set(event) - set(cls.__dataclass_fields__))
        if unknown:
            faults.append(f"unknown fields {unknown}, allowed are {sorted(cls.__dataclass_fields__)}")
        if faults:
            raise Rejected("; ".join(faults))
        return cls(**event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered: `status` is DONE or REFUSED, `message` says what is so now, or why not."""

    status: str
    message: str
    rollout_id: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON-like values."""
        return asdict(self)
