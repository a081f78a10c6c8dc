"""References in a pipeline's definition: to parameters, to the execution, and to what steps have made.

Source: `Get` and `Std:Join` in
https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/, and
https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-data-dependency.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from localcloud.errors import NotEmulated
from localcloud.sagemaker.names import invalid

GET: Final = "Get"
JOIN: Final = "Std:Join"

_PART: Final = re.compile(r"\.?([A-Za-z0-9_-]+)|\['([^']+)'\]|\[(\d+)\]")
_NAMED_BY: Final = ("MetricName", "ChannelName")

Path = tuple[str | int, ...]


def parse_path(text: str) -> Path:
    """Return the parts of a path such as `Steps.Train.ModelArtifacts.S3ModelArtifacts`.

    Raises:
        AwsError: ValidationException, when it is none.

    """
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or (not parts and match.group(0).startswith((".", "["))):
            raise invalid(f"Unable to parse pipeline definition. Invalid property reference '{text}'")
        name, quoted, index = match.groups()
        parts.append(int(index) if index is not None else quoted if quoted is not None else name)
        at = match.end()
    return tuple(parts)


def references(value: Any) -> Iterator[Path]:
    """Yield the path of every reference in a value.

    Raises:
        NotEmulated: there is another function than Get and Std:Join.

    """
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, Mapping):
        if set(value) == {GET}:
            yield parse_path(str(value[GET]))
        elif set(value) == {JOIN}:
            yield from references(value[JOIN]["Values"])
        else:
            _refuse_functions(value)
            for item in value.values():
                yield from references(item)


def _refuse_functions(value: Mapping[str, Any]) -> None:
    for name in value:
        if name.startswith("Std:") or name in ("Get", "Join"):
            raise NotEmulated(f"SageMaker pipeline definition: {name} beside other members, or {name} at all")


def resolved(value: Any, find: Callable[[Path], Any]) -> Any:
    """Return a value with every reference replaced.

    Args:
        value: arguments of a step.
        find: returns what a path refers to.

    """
    if isinstance(value, list):
        return [resolved(item, find) for item in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {GET}:
        return find(parse_path(value[GET]))
    if set(value) == {JOIN}:
        join = value[JOIN]
        return str(join.get("On", "")).join(_text(item) for item in resolved(join["Values"], find))
    return {name: resolved(item, find) for name, item in value.items()}


def walk(value: Any, path: Path, *, whole: str) -> Any:
    """Return what lies at a path of a description; in lists of named things also by name.

    Raises:
        AwsError: ValidationException, when nothing does.

    """
    for part in path:
        found = _step(value, part)
        if found is None:
            raise invalid(f"Unable to resolve the property reference '{whole}': there is no {part!r}")
        value = found
    return value


def _step(value: Any, part: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(part))
    if not isinstance(value, list):
        return None
    if isinstance(part, int):
        return value[part] if part < len(value) else None
    named = (each for each in value for key in _NAMED_BY if each.get(key) == part)
    return next(named, None)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)
