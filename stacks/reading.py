"""Read one file, or one value of it, and gather the faults."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from stacks.pydantic_faults import describe
from stacks.yaml_source import BadFiles, YamlSource

M = TypeVar("M", bound=BaseModel)


def read(path: Path, faults: list[str]) -> YamlSource | None:
    """Return a file's content; None when it cannot be read, which is added to `faults`."""
    try:
        return YamlSource.read(path)
    except BadFiles as bad:
        faults += bad.faults
        return None


def validated(
    source: YamlSource, kind: type[M], raw: object, faults: list[str], *, below: tuple[str, ...] = ()
) -> M:
    """Return a value of a file as a model, as far as it is right; what is wrong is added to `faults`.

    What is wrong of it raises `Unknown` when it is asked for.

    Args:
        source: The file.
        kind: The model.
        raw: The value.
        faults: Where faults are gathered.
        below: Where in the file the value lies.

    """
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        # Imported only when it is asked for: most files are right.
        from stacks.partial import partly

        value, found = partly(kind, raw, error)
        faults += describe(source, found, kind=kind, below=below)
        return value
