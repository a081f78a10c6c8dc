"""Constraints of botocore's models that botocore leaves to the service: patterns, enums, lengths, ranges."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import Shape


def constraint_faults(value: Any, shape: Shape, path: str = "") -> list[str]:
    """Return what AWS would refuse in `value`, one line a fault, worded as AWS does."""
    return list(_faults(value, shape, path))


def _faults(value: Any, shape: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if shape.type_name == "structure":
        for name, member in value.items():
            if name not in shape.members:
                yield f"Unknown parameter '{_join(path, name)}'"
            else:
                yield from _faults(member, shape.members[name], _join(path, name))
    elif shape.type_name == "list":
        yield from _length(value, shape, path)
        for number, member in enumerate(value, start=1):
            yield from _faults(member, shape.member, _join(path, f"{number}.member"))
    elif shape.type_name == "map":
        yield from _length(value, shape, path)
        for key, member in value.items():
            yield from _faults(member, shape.value, _join(path, key))
    else:
        yield from _scalar(value, shape, path)


def _scalar(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name != "string":
        yield from _range(value, shape, path)
        return
    yield from _length(value, shape, path)
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _fault(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compile(pattern)) is not None and not compiled.fullmatch(value):
        yield _fault(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _length(value: Any, shape: Any, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield _fault(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _fault(value, path, f"Member must have length less than or equal to {high}")


def _range(value: Any, shape: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield _fault(value, path, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield _fault(value, path, f"Member must have value less than or equal to {high}")


def _fault(value: Any, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@cache
def _compile(pattern: str) -> re.Pattern[str] | None:
    # A few of the models' patterns use Unicode classes that Python's re does not know; they go unchecked.
    try:
        return re.compile(pattern.replace(r"\p{L}", r"\w").replace(r"\p{Z}", r"\s").replace(r"\p{N}", r"\d"))
    except re.error:
        return None
