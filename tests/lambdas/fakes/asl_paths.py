"""Paths, templates and conditions of Amazon States Language, each compiled to a function."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Document = Any
Reader = Callable[[Document, Document], Any]
"""Reads something from a document and its context object."""
Writer = Callable[[Document, Any], Document]
"""Puts a result into a document, and returns the new document."""

_FORMAT: Final = re.compile(r"^States\.Format\('(?P<text>[^']*)'(?P<arguments>(, *[^,]+)*)\)$")
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "StringEquals": operator.eq,
    "BooleanEquals": operator.eq,
    "NumericEquals": operator.eq,
    "NumericGreaterThan": operator.gt,
    "NumericGreaterThanEquals": operator.ge,
    "NumericLessThan": operator.lt,
    "NumericLessThanEquals": operator.le,
}


class NotThere(Exception):
    """A path leads nowhere: Step Functions fails such an execution, and no Catch helps."""


def reader(path: str) -> Reader:
    """Return a function that reads a path, or the result of `States.Format`."""
    formatted = _FORMAT.match(path)
    if formatted is not None:
        return _formatted(formatted["text"], formatted["arguments"])
    if not path.startswith("$") or "[" in path:
        raise ValueError(f"path {path} is not known here")
    names = tuple(path.lstrip("$").split(".")[1:])
    if path.startswith("$$"):
        return lambda _document, context: _follow(context, names, path)
    return lambda document, _context: _follow(document, names, path)


def writer(path: str | None) -> Writer:
    """Return a function that writes at a ResultPath."""
    if path is None:
        return lambda document, _result: document
    names = path.split(".")[1:]
    return lambda document, result: _written(document, names, result)


def template(raw: Any) -> Reader:
    """Return a function that fills in a payload template."""
    if not isinstance(raw, Mapping):
        return lambda _document, _context: raw
    parts: list[tuple[str, Reader]] = [
        (key[:-2], reader(value)) if key.endswith(".$") else (key, template(value))
        for key, value in raw.items()
    ]
    return lambda document, context: {key: read(document, context) for key, read in parts}


def test(raw: Mapping[str, Any]) -> Callable[[Document], bool]:
    """Return a function that tells whether a choice's condition holds."""
    if "And" in raw:
        parts = [test(one) for one in raw["And"]]
        return lambda document: all(part(document) for part in parts)
    if "Or" in raw:
        parts = [test(one) for one in raw["Or"]]
        return lambda document: any(part(document) for part in parts)
    if "Not" in raw:
        inner = test(raw["Not"])
        return lambda document: not inner(document)
    read = reader(raw["Variable"])
    [(name, wanted)] = [(key, value) for key, value in raw.items() if key not in ("Variable", "Next")]
    if name == "IsPresent":
        return lambda document: _present(read, document) is wanted
    compare = _COMPARISONS[name]
    kinds = (str,) if name.startswith("S") else (bool,) if name.startswith("B") else (int, float)
    # What is of another type is not equal, as there.
    return lambda document: isinstance(found := read(document, None), kinds) and compare(found, wanted)


def _present(read: Reader, document: Document) -> bool:
    try:
        read(document, None)
    except NotThere:
        return False
    return True


def _follow(document: Document, names: tuple[str, ...], path: str) -> Any:
    for name in names:
        if not isinstance(document, Mapping) or name not in document:
            raise NotThere(f"{path} is not in the document")
        document = document[name]
    return document


def _written(document: Document, names: list[str], result: Any) -> Document:
    if not names:
        return result
    inner = document.get(names[0], {}) if isinstance(document, Mapping) else {}
    return {**document, names[0]: _written(inner, names[1:], result)}


def _formatted(text: str, arguments: str) -> Reader:
    reads = [reader(one.strip()) for one in arguments.split(",") if one.strip()]
    if text.count("{}") != len(reads):
        raise ValueError(f"States.Format of {text!r} has {len(reads)} arguments")
    return lambda document, context: text.format(*(read(document, context) for read in reads))
