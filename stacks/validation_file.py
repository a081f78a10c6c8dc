"""The labelled set of a validation gate that a service file names: one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from stacks.yaml_source import shown

_KEYS: Final = {"input", "label"}
_MOST_FAULTS: Final = 5


def validation_faults(path: Path) -> Iterator[str]:
    """Yield what is wrong with a file: that it is missing, or its first faulty lines."""
    name = shown(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        yield f"{name}: no such file"
        return
    except (OSError, UnicodeDecodeError) as error:
        yield f"{name}: cannot be read: {error}"
        return
    if not lines:
        yield f"{name}:1: must have at least one row"
    found = ((number, _why_not(line)) for number, line in enumerate(lines, start=1))
    faults = [f"{name}:{number}: {why}" for number, why in found if why is not None]
    yield from faults[:_MOST_FAULTS]
    if len(faults) > _MOST_FAULTS:
        yield f"{name}: and {len(faults) - _MOST_FAULTS} more lines"


def _why_not(line: str) -> str | None:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        return f"not valid JSON: {error}"
    if not isinstance(row, dict) or set(row) != _KEYS:
        found = ", ".join(row) if isinstance(row, dict) else type(row).__name__
        return f"must be an object of input and label, got {found}"
    return None
