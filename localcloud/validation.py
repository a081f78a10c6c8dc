"""Checks parameters against botocore's service model as the services themselves do, not only as clients do.

botocore's own validator leaves maximum, pattern and enumeration to the service; this one has them.
"""

import datetime
import functools
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.utils import parse_to_aware_datetime

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "structure": (Mapping,),
    "map": (Mapping,),
    "list": (list, tuple),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float, Decimal),
    "double": (int, float, Decimal),
    "blob": (bytes, bytearray, str),
    "timestamp": (int, float, str, datetime.datetime),
}


def problems(value: Any, shape: Shape, at: str = "") -> list[str]:
    """Return what is wrong with a value, each as one sentence; nothing when all is well.

    Patterns that Python's `re` does not know (Unicode properties) are not checked.

    Args:
        value: parsed parameter.
        shape: its shape in the service model.
        at: path of the value, empty for the whole request.

    """
    accepted = _TYPES[shape.type_name]
    wrong_bool = isinstance(value, bool) and shape.type_name != "boolean"
    if wrong_bool or not isinstance(value, accepted):
        return [f"{_subject(value, at)}: Member must be of type {shape.type_name}"]
    checks = _CHECKS.get(shape.type_name)
    return checks(value, shape, at) if checks else []


def _structure(value: Mapping[str, Any], shape: Shape, at: str) -> list[str]:
    assert isinstance(shape, StructureShape)  # noqa: S101 - the type name says so
    found = [
        f"Value null at '{_join(at, name)}' failed to satisfy constraint: Member must not be null"
        for name in shape.required_members
        if value.get(name) is None
    ]
    for name, member in value.items():
        if name not in shape.members:
            found.append(f"Unknown parameter '{_join(at, name)}': must be one of {', '.join(shape.members)}")
        elif member is not None:
            found += problems(member, shape.members[name], _join(at, name))
    if shape.is_tagged_union and len(value) != 1:
        found.append(f"{_subject(dict(value), at)}: Exactly one of its members must be set")
    return found


def _list(value: list[Any], shape: Shape, at: str) -> list[str]:
    assert isinstance(shape, ListShape)  # noqa: S101 - the type name says so
    found = _length(value, shape, at)
    for index, item in enumerate(value, start=1):
        found += problems(item, shape.member, f"{at}.{index}.member")
    return found


def _map(value: Mapping[str, Any], shape: Shape, at: str) -> list[str]:
    assert isinstance(shape, MapShape)  # noqa: S101 - the type name says so
    found = _length(value, shape, at)
    for key, item in value.items():
        found += problems(key, shape.key, at) + problems(item, shape.value, _join(at, key))
    return found


def _string(value: str, shape: Shape, at: str) -> list[str]:
    found = _length(value, shape, at)
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        found.append(f"{_subject(value, at)}: Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        found.append(f"{_subject(value, at)}: Member must satisfy regular expression pattern: {pattern}")
    return found


def _number(value: float, shape: Shape, at: str) -> list[str]:
    if not math.isfinite(value):
        return [f"{_subject(value, at)}: Member must be a finite number"]
    return _between(float(value), shape, value, at, "value")


def _timestamp(value: Any, _shape: Shape, at: str) -> list[str]:
    try:
        parse_to_aware_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return [f"{_subject(value, at)}: Member must be a timestamp"]
    return []


def _length(value: Any, shape: Shape, at: str) -> list[str]:
    return _between(len(value), shape, value, at, "length")


def _between(measure: float, shape: Shape, value: Any, at: str, what: str) -> list[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    found = []
    if low is not None and measure < low:
        found.append(f"{_subject(value, at)}: Member must have {what} greater than or equal to {low}")
    if high is not None and measure > high:
        found.append(f"{_subject(value, at)}: Member must have {what} less than or equal to {high}")
    return found


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _subject(value: Any, at: str) -> str:
    return f"Value '{value}' at '{at or 'request'}' failed to satisfy constraint"


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


_CHECKS: Final[Mapping[str, Callable[[Any, Shape, str], list[str]]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "timestamp": _timestamp,
}
