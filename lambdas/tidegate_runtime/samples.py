"""Sample requests that users declare for a model, read from plain values: a file's, or an event's.

Example:
    (sample,) = parse_samples({"samples": [{"body": [1, 2]}]}, read=read_object)

"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tidegate_runtime.expectations import JSON, Answer, Complaint, Expectation, Wanted
from tidegate_runtime.json_rules import bad_schema, type_name

Place = tuple[str | int, ...]
Kinds = tuple[type, ...]

_NUMBER: Final[Kinds] = (int, float)
_CALLED: Final[Mapping[Kinds, str]] = {
    (str,): "a text",
    (list,): "a list",
    (int,): "a whole number",
    _NUMBER: "a number",
}
_DEFAULT_TOLERANCE: Final = 1e-6
_TEXT: Final = "text/plain"


class SamplesInvalid(Exception):
    """Declared samples that cannot be used.

    Args:
        faults: Where and what, for each fault; the place is a path of field names and list indexes.

    """

    def __init__(self, faults: Sequence[tuple[Place, str]]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, place))}: {text}" for place, text in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One request, and what its answer should be.

    Attributes:
        name: How reports call it.
        body: Bytes to send.
        content_type: Content type of the body.
        accept: Content type that is asked for; none is sent when None.
        expect: What the answer should be.

    """

    name: str
    body: bytes
    content_type: str = JSON
    accept: str | None = None
    expect: Expectation = field(default_factory=Expectation)

    def complaints(self, answer: Answer) -> list[Complaint]:
        """Return everything that is wrong with an answer to this sample."""
        return self.expect.complaints(answer, accept=self.accept)


def parse_samples(document: Any, *, read: Callable[[str], bytes]) -> tuple[Sample, ...]:
    """Return the samples that a document declares.

    Args:
        document: A mapping with the list `samples`; see docs/check-model.md for the fields.
        read: Returns the bytes behind the name in a sample's `file`; raises OSError when there are none.

    Raises:
        SamplesInvalid: naming every fault at once.

    """
    faults: list[tuple[Place, str]] = []
    top = _Fields(document, (), ("samples",), faults)
    raws = top.take("samples", (list,), [])
    if not raws and not faults:
        faults.append((("samples",), "must be a list of at least one sample"))
    parser = _Parser(read, faults)
    samples = tuple(parser.sample(raw, index) for index, raw in enumerate(raws))
    names = [sample.name for sample in samples]
    for index, name in enumerate(names):
        if name in names[:index]:
            faults.append((("samples", index, "name"), f"must be unique, {name!r} is used before"))
    if faults:
        raise SamplesInvalid(faults)
    return samples


class _Fields:
    """The fields of one mapping, taken one by one; what is wrong with them is collected, not raised."""

    def __init__(self, raw: Any, place: Place, known: Sequence[str], faults: list[tuple[Place, str]]) -> None:
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        self._place = place
        self._faults = faults
        self.usable = isinstance(raw, Mapping)
        if not self.usable:
            faults.append((place, f"must be a mapping of {', '.join(known)}, got {type_name(raw)}"))
        for name in self.raw:
            if name not in known:
                faults.append(((*place, name), f"is not known, must be one of {', '.join(known)}"))

    def take(self, name: str, kinds: Kinds, default: Any) -> Any:
        """Return a field, or the default when it is missing or of another type."""
        if name not in self.raw:
            return default
        value = self.raw[name]
        if isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds):
            return value
        self.fault(name, f"must be {_CALLED[kinds]}, got {type_name(value)}")
        return default

    def fault(self, name: str, text: str) -> None:
        """Note a fault of a field, or of the mapping when it has no such field."""
        self._faults.append(((*self._place, name) if name in self.raw else self._place, text))


class _Parser:
    """Makes samples; faults are collected."""

    def __init__(self, read: Callable[[str], bytes], faults: list[tuple[Place, str]]) -> None:
        self._read = read
        self._faults = faults

    def sample(self, raw: Any, index: int) -> Sample:
        place = ("samples", index)
        known = ("name", "body", "file", "content_type", "accept", "expect")
        fields = _Fields(raw, place, known, self._faults)
        text = isinstance(fields.raw.get("body"), str)
        return Sample(
            name=fields.take("name", (str,), f"sample {index + 1}"),
            body=self._body(fields),
            content_type=fields.take("content_type", (str,), _TEXT if text else JSON),
            accept=fields.take("accept", (str,), None),
            expect=self._expectation(fields.raw.get("expect", {}), (*place, "expect")),
        )

    def _body(self, fields: _Fields) -> bytes:
        if ("body" in fields.raw) == ("file" in fields.raw):
            if fields.usable:
                fields.fault("file", "must have a body or a file, and not both")
            return b""
        if "file" in fields.raw:
            return self._file(fields)
        body = fields.raw["body"]
        if isinstance(body, str):
            return body.encode()
        try:
            return json.dumps(body, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            fields.fault("body", f"cannot be written as JSON: {error}")
            return b""

    def _file(self, fields: _Fields) -> bytes:
        name = fields.take("file", (str,), None)
        try:
            return b"" if name is None else self._read(name)
        except OSError as error:
            fields.fault("file", f"{name} cannot be read: {error.strerror or error}")
            return b""

    def _expectation(self, raw: Any, place: Place) -> Expectation:
        known = ("status", "content_type", "schema", "equals", "approx", "tolerance", "contains")
        fields = _Fields(raw, place, (*known, "latency_ms"), self._faults)
        texts = fields.raw.get("contains", [])
        contains = [texts] if isinstance(texts, str) else texts
        if not isinstance(contains, list) or not all(isinstance(text, str) for text in contains):
            fields.fault("contains", "must be a text or a list of texts")
            contains = []
        return Expectation(
            status=_within(fields, "status", fields.take("status", (int,), 200), 100, 599),
            content_type=fields.take("content_type", (str,), None),
            schema=self._schema(fields),
            values=self._values(fields),
            contains=tuple(contains),
            latency_ms=_within(fields, "latency_ms", fields.take("latency_ms", _NUMBER, None), 0),
        )

    def _schema(self, fields: _Fields) -> Mapping[str, Any] | None:
        if "schema" not in fields.raw:
            return None
        schema = fields.raw["schema"]
        bad = list(bad_schema(schema))
        for text in bad:
            fields.fault("schema", text)
        return {} if bad else dict(schema)

    def _values(self, fields: _Fields) -> tuple[Wanted, ...]:
        tolerance = fields.take("tolerance", _NUMBER, None)
        if tolerance is not None and "approx" not in fields.raw:
            fields.fault("tolerance", "belongs to approx, which is missing")
        margin = _DEFAULT_TOLERANCE if tolerance is None else _within(fields, "tolerance", tolerance, 0)
        exact = [Wanted(value=fields.raw["equals"])] if "equals" in fields.raw else []
        close = [Wanted(value=fields.raw["approx"], tolerance=margin)] if "approx" in fields.raw else []
        return (*exact, *close)


def _within(fields: _Fields, name: str, number: Any, least: float, most: float | None = None) -> Any:
    if number is not None and not (least <= number and (most is None or number <= most)):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        fields.fault(name, f"must be {bounds}, got {number}")
    return number
