"""What the answer to a sample request should be, and what is wrong with one. Pure: nothing is sent here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_runtime.json_rules import against_schema, against_value, few, shown

JSON: Final = "application/json"
_ANYTHING: Final = ("", "*/*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model answered.

    Attributes:
        status: HTTP status.
        content_type: As it came, with parameters; empty when there was none.
        body: The answer's bytes.
        seconds: Time from the request to the whole answer.

    """

    status: int
    content_type: str
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A JSON value, and how far numbers may be from it: relative to the larger one, absolute near zero."""

    value: Any
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with an answer.

    Attributes:
        text: What is wrong, with what was found and what was wanted.
        warning: Whether it leaves the answer usable: too slow, or not strictly what it claims to be.

    """

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an answer should be.

    Attributes:
        status: HTTP status; 200 by default.
        content_type: Content type without parameters; any when None.
        schema: Shape of the JSON body, see `json_rules`; any when None.
        values: What the JSON body must be equal to.
        contains: Texts that the body must contain.
        latency_ms: Milliseconds after which an answer is called slow, which is a warning; no bound when None.

    Example:
        Expectation(contains=("predictions",)).complaints(answer, accept=None)

    """

    status: int = 200
    content_type: str | None = None
    schema: Mapping[str, Any] | None = None
    values: tuple[Wanted, ...] = ()
    contains: tuple[str, ...] = ()
    latency_ms: float | None = None

    @property
    def told(self) -> str:
        """What is expected, in a few words."""
        parts = [f"status {self.status}"]
        parts += [self.content_type] if self.content_type is not None else []
        parts += ["schema"] if self.schema is not None else []
        parts += [f"a value within {one.tolerance:g}" if one.tolerance else "a value" for one in self.values]
        parts += [f"contains {shown(text)}" for text in self.contains]
        parts += [f"within {self.latency_ms:g} ms"] if self.latency_ms is not None else []
        return ", ".join(parts)

    def complaints(self, answer: Answer, *, accept: str | None) -> list[Complaint]:
        """Return everything that is wrong with an answer.

        Args:
            answer: The answer.
            accept: The content type that was asked for; any when None.

        """
        return list(self._complaints(answer, accept))

    def _complaints(self, answer: Answer, accept: str | None) -> Iterator[Complaint]:
        kind = media_type(answer.content_type)
        if answer.status != self.status:
            said = shown(answer.body[:400].decode(errors="replace"))
            yield Complaint(f"status must be {self.status}, is {answer.status}: {said}")
            return
        if self.content_type is not None and kind != media_type(self.content_type):
            yield Complaint(f"content type must be {self.content_type}, is {kind or 'missing'}")
        elif answer.status < 300 and not _accepted(kind, accept):
            yield Complaint(f"{accept} was asked for, {kind or 'no content type'} came", warning=True)
        for text in self.contains:
            if text.encode() not in answer.body:
                yield Complaint(f"the answer must contain {shown(text)}")
        yield from self._about_json(answer, kind)
        if self.latency_ms is not None and 1000 * answer.seconds > self.latency_ms:
            took = f"{1000 * answer.seconds:.0f} ms"
            yield Complaint(f"should answer within {self.latency_ms:g} ms, took {took}", warning=True)

    def _about_json(self, answer: Answer, kind: str) -> Iterator[Complaint]:
        wanted = self.schema is not None or bool(self.values)
        if not wanted and kind != JSON:
            return
        strange: list[str] = []
        try:
            value = json.loads(answer.body, parse_constant=lambda name: _strange(name, strange))
        except ValueError as error:
            yield Complaint(f"the answer is not JSON: {error}", warning=not wanted)
            return
        if strange:
            names = ", ".join(sorted(set(strange)))
            yield Complaint(f"{names} is no JSON, strict clients refuse it", warning=True)
        if self.schema is not None:
            yield from map(Complaint, few(against_schema(value, self.schema)))
        for one in self.values:
            yield from map(Complaint, few(against_value(value, one.value, tolerance=one.tolerance)))


def media_type(header: str) -> str:
    """Return a content type without parameters, in lower case."""
    return header.partition(";")[0].strip().lower()


def same_answer(one: Answer, other: Answer) -> bool:
    """Return whether two answers say the same; JSON is compared as values, everything else as bytes."""
    if (one.status, media_type(one.content_type)) != (other.status, media_type(other.content_type)):
        return False
    if one.body == other.body:
        return True
    try:
        return bool(json.loads(one.body) == json.loads(other.body))
    except ValueError:
        return False


def _accepted(kind: str, accept: str | None) -> bool:
    wanted = [media_type(one) for one in (accept or "").split(",")]
    return any(one in _ANYTHING or one == kind or _covers(one, kind) for one in wanted)


def _covers(wanted: str, kind: str) -> bool:
    return wanted.endswith("/*") and kind.startswith(wanted[:-1])


def _strange(name: str, found: list[str]) -> float:
    found.append(name)
    return float(name.replace("Infinity", "inf"))
