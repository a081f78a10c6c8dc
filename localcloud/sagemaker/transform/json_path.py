"""The JSONPath of filters, as far as batch transform has it.

Source: Supported JSONPath operators,
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html#data-processing-operators
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from localcloud.errors import AwsError
from localcloud.sagemaker.transform.failures import ClientFault

_STEP = re.compile(r"\.?\[(?P<inside>[^\[\]]*)\]|\.(?P<name>\*|[^.\[\]*()?@]+)")
_QUOTED = re.compile(r"\s*'([^']*)'\s*")
_NUMBER = re.compile(r"\s*(-?\d+)\s*")
_SLICE = re.compile(r"\s*(-?\d*)\s*:\s*(-?\d*)\s*")

Index = int | slice
Step = str | tuple[str, ...] | tuple[Index, ...] | None
"""A child, several children, indexes and slices, or everything."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path: selects a part of a value.

    Example:
        JsonPath.parse("$[0,-1]").select(["a", "b", "c"])

    """

    text: str
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a path.

        Raises:
            AwsError: ValidationException, for an operator that batch transform does not have.

        """
        if not text.startswith("$"):
            raise _refusal(text)
        steps: list[Step] = []
        position = 1
        while position < len(text):
            found = _STEP.match(text, position)
            if found is None:
                raise _refusal(text)
            steps.append(_step(found, text))
            position = found.end()
        if any(_is_several_children(step) for step in steps[:-1]):
            raise _refusal(text)
        return cls(text, tuple(steps))

    def select(self, value: Any) -> Any:
        """Return the part of a value: several children are an object, several elements an array.

        Raises:
            ClientFault: the value has no such part.

        """
        return self._select(value, self.steps)

    def _select(self, value: Any, steps: Sequence[Step]) -> Any:
        if not steps:
            return value
        step, rest = steps[0], steps[1:]
        if step is None:
            members = value.values() if isinstance(value, dict) else value
            if not isinstance(value, dict | list):
                raise self._missing(value)
            return [self._select(each, rest) for each in members]
        if isinstance(step, str):
            return self._select(self._child(value, step), rest)
        names = [each for each in step if isinstance(each, str)]
        if names:
            return {name: self._child(value, name) for name in names}
        return self._elements(value, [each for each in step if not isinstance(each, str)], rest)

    def _child(self, value: Any, name: str) -> Any:
        if not isinstance(value, dict) or name not in value:
            raise self._missing(value)
        return value[name]

    def _elements(self, value: Any, indexes: Sequence[Index], rest: Sequence[Step]) -> Any:
        if not isinstance(value, list):
            raise self._missing(value)
        found: list[Any] = []
        for index in indexes:
            if isinstance(index, slice):
                found.extend(value[index])
            elif -len(value) <= index < len(value):
                found.append(value[index])
            else:
                raise self._missing(value)
        if len(indexes) == 1 and isinstance(indexes[0], int):
            return self._select(found[0], rest)
        return [self._select(each, rest) for each in found]

    def _missing(self, value: Any) -> ClientFault:
        return ClientFault(f"the filter {self.text} selects nothing of {str(value)[:100]}")


def _step(found: re.Match[str], text: str) -> Step:
    name: str | None = found["name"]
    if name is not None:
        return None if name == "*" else name.strip()
    inside: str = found["inside"]
    if inside.strip() == "*":
        return None
    parts = inside.split(",")
    quoted = [_QUOTED.fullmatch(part) for part in parts]
    if all(quoted):
        names = tuple(each[1] for each in quoted if each is not None)
        return names[0] if len(names) == 1 else names
    return tuple(_index(part, text) for part in parts)


def _index(part: str, text: str) -> Index:
    if number := _NUMBER.fullmatch(part):
        return int(number[1])
    if span := _SLICE.fullmatch(part):
        return slice(int(span[1]) if span[1] else None, int(span[2]) if span[2] else None)
    raise _refusal(text)


def _is_several_children(step: Step) -> bool:
    return isinstance(step, tuple) and isinstance(step[0], str)


def _refusal(text: str) -> AwsError:
    return AwsError(
        "ValidationException",
        f"Invalid JSONPath {text}: batch transform has $, .name, *, ['name'], ['name','other'], [number], "
        "[number,number] and [start:end], several names at the end only",
    )
