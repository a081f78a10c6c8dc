"""Pydantic's errors in the words of the service files."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stacks.findings import FINDINGS, NOTHING, SAME, Finding
from stacks.part import Part
from stacks.yaml_source import Place, YamlSource

# What is allowed, by pydantic's type of error; its own words where none is better.
_ALLOWED: Final[Mapping[str, str]] = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping of fields",
    "model_attributes_type": "must be a mapping of fields",
    "tuple_type": "must be a list",
    "finite_number": "must be a finite number",
    "invalid_key": "is no field: the names of fields are text",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be below {lt}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "string_too_long": "must be at most {max_length} characters",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must match {pattern}",
    "too_short": "must not be empty",
}


def describe(
    source: YamlSource, found: Sequence[ErrorDetails], *, kind: type[BaseModel], below: Place = ()
) -> list[str]:
    """Return one line per fault, in the order of the file.

    Args:
        source: The file.
        found: What pydantic found.
        kind: The model that was validated, for the names of its fields.
        below: Where in the file the validated value lies.

    """
    faults = [((*below, *place), message) for details in found for place, message in _faults(details, kind)]
    faults.sort(key=lambda fault: source.line(fault[0]))
    return [source.fault(place, message) for place, message in faults]


def causes(found: Sequence[ErrorDetails], kind: type[BaseModel]) -> list[ErrorDetails]:
    """Return what was found without what only follows from another fault.

    That is a required field that is missing under its own name, and a list that is too short without its
    faulty items.
    """
    meant_by = {
        place for one in found if one["type"] == "extra_forbidden" for place in faulty_places(one, kind)
    }
    return [
        one
        for one in found
        if not (one["type"] == "missing" and one["loc"] in meant_by)
        and not (one["type"] == "too_short" and len(one["input"]) >= one["ctx"]["min_length"])
    ]


def faulty_places(details: ErrorDetails, kind: type[BaseModel]) -> Iterator[tuple[str | int, ...]]:
    """Yield where a value is faulty; for an unknown field, also where it was meant to be."""
    place = details["loc"]
    if details["type"] == FINDINGS:
        yield from ((*place, *finding.at) for finding in details["ctx"][FINDINGS])
        return
    yield place
    if details["type"] == "extra_forbidden":
        for name in _near(place[-1], list(_fields(_model_at(kind, place[:-1])))):
            yield (*place[:-1], name)


def did_you_mean(name: object, known: Collection[str]) -> str:
    """Return `; did you mean 'x'?`, or the allowed names when none is near."""
    near = _near(name, known)
    return f"; did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(known)}"


def meant(name: str, known: Collection[str]) -> str:
    """Return the name that was probably meant, so that a slip is told once; itself if none is near."""
    return name if name in known else next(iter(_near(name, known)), name)


def _near(name: object, known: Collection[str]) -> list[str]:
    return difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)


def _faults(details: ErrorDetails, kind: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    place, got = details["loc"], details["input"]
    if details["type"] == "missing":
        yield place, "is missing"
    elif details["type"] == "extra_forbidden":
        yield place, _unknown(_model_at(kind, place[:-1]), str(place[-1]))
    elif details["type"] == FINDINGS:
        for finding in details["ctx"][FINDINGS]:
            yield (*place, *finding.at), f"{finding.message}{_found(finding, got)}"
    elif details["type"] == "value_error":
        yield place, _without_subject(str(details["ctx"]["error"]))
    else:
        allowed = _ALLOWED.get(details["type"])
        bounds = {name: _number(value) for name, value in details.get("ctx", {}).items()}
        message = allowed.format(**bounds) if allowed else details["msg"]
        yield place, f"{message}, got {_shown(got)}"


def _unknown(model: type[BaseModel], name: str) -> str:
    reason = model.why_not(name) if issubclass(model, Part) else None
    return reason if reason is not None else f"unknown field{did_you_mean(name, list(_fields(model)))}"


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields by the names that a file calls them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _found(finding: Finding, value: Any) -> str:
    if finding.got is NOTHING:
        return ""
    return f", got {_shown(_at(value, finding.at) if finding.got is SAME else finding.got)}"


def _without_subject(message: str) -> str:
    """Return a refusal of the library without its subject: the place says it already."""
    subject, found, rest = message.partition(": ")
    return rest if found and " must " not in subject else message


def _model_at(kind: type[BaseModel], place: Place) -> type[BaseModel]:
    annotation: Any = kind
    for key in place:
        model = _first(annotation, _is_model)
        annotation = _fields(model)[str(key)].annotation if _has_field(model, key) else annotation
    return _first(annotation, _is_model) or kind


def _has_field(model: type[BaseModel] | None, key: str | int) -> bool:
    return model is not None and str(key) in _fields(model)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _first(annotation: Any, wanted: Callable[[object], bool]) -> Any:
    if wanted(annotation):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _first(inner, wanted))), None)


def _at(value: Any, place: Place) -> Any:
    for key in place:
        value = value[key]
    return value


def _number(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) else value


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool | int | float | str):
        return repr(value)
    # What YAML takes for a date, and what has a tag, is shown as it is written.
    return f"{value.tag.value} {value}" if hasattr(value, "tag") else str(value)
