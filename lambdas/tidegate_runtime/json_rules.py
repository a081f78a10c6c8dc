"""What a JSON value may look like: a small part of JSON Schema, and equality within a tolerance.

Each function yields one line for each thing that is wrong, with the place in the value, `$` being its top.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

SCHEMA_KEYS: Final = (
    "type",
    "properties",
    "required",
    "items",
    "min_items",
    "max_items",
    "minimum",
    "maximum",
    "enum",
)
TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
_MOST_FAULTS: Final = 5


def type_name(value: Any) -> str:
    """Return JSON Schema's name of a value's type; whole numbers are integers, however they are written."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    names = {float: "number", str: "string", list: "array", dict: "object", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def bad_schema(schema: Any, place: str = "schema") -> Iterator[str]:
    """Yield what is wrong with a schema itself."""
    if not isinstance(schema, Mapping):
        yield f"{place} must be a mapping, got {type_name(schema)}"
        return
    for key in schema:
        if key not in SCHEMA_KEYS:
            yield f"{place}.{key} is not known, must be one of {', '.join(SCHEMA_KEYS)}"
    if "type" in schema and schema["type"] not in TYPES:
        yield f"{place}.type must be one of {', '.join(TYPES)}, got {schema['type']!r}"
    for key in ("min_items", "max_items", "minimum", "maximum"):
        if key in schema and type_name(schema[key]) not in ("integer", "number"):
            yield f"{place}.{key} must be a number, got {type_name(schema[key])}"
    for key in ("required", "enum"):
        if key in schema and not isinstance(schema[key], list):
            yield f"{place}.{key} must be a list, got {type_name(schema[key])}"
    yield from _bad_parts(schema, place)


def _bad_parts(schema: Mapping[str, Any], place: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        yield f"{place}.properties must be a mapping, got {type_name(properties)}"
        return
    for name, part in properties.items():
        yield from bad_schema(part, f"{place}.properties.{name}")
    if "items" in schema:
        yield from bad_schema(schema["items"], f"{place}.items")


def against_schema(value: Any, schema: Mapping[str, Any], place: str = "$") -> Iterator[str]:
    """Yield what a schema that is right itself says against a value."""
    found = type_name(value)
    wanted = schema.get("type", found)
    if found != wanted and (found, wanted) != ("integer", "number"):
        yield f"{place} must be of type {wanted}, is {found}"
        return
    if "enum" in schema and not any(equal(value, one) for one in schema["enum"]):
        yield f"{place} must be one of {schema['enum']}, is {shown(value)}"
    if found in ("integer", "number"):
        yield from _against_bounds(value, schema.get("minimum"), schema.get("maximum"), place)
    elif found == "array":
        items = f"the number of items of {place}"
        yield from _against_bounds(len(value), schema.get("min_items"), schema.get("max_items"), items)
        for index, item in enumerate(value):
            yield from against_schema(item, schema.get("items", {}), f"{place}[{index}]")
    elif found == "object":
        yield from _against_fields(value, schema, place)


def _against_bounds(number: float, least: float | None, most: float | None, place: str) -> Iterator[str]:
    # Said this way round, not a number is outside of any bounds.
    if least is not None and not number >= least:
        yield f"{place} must be at least {least}, is {number}"
    if most is not None and not number <= most:
        yield f"{place} must be at most {most}, is {number}"


def _against_fields(value: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{place}.{name} is missing"
    for name, part in schema.get("properties", {}).items():
        if name in value:
            yield from against_schema(value[name], part, f"{place}.{name}")


def against_value(value: Any, wanted: Any, *, tolerance: float = 0.0, place: str = "$") -> Iterator[str]:
    """Yield where a value differs from the wanted one.

    Args:
        value: The value.
        wanted: What it should be.
        tolerance: Largest difference of two numbers, relative to the larger one, and absolute near zero.
        place: Where the value lies.

    """
    if isinstance(wanted, list) and isinstance(value, list) and len(wanted) == len(value):
        for index, (item, wanted_item) in enumerate(zip(value, wanted, strict=True)):
            yield from against_value(item, wanted_item, tolerance=tolerance, place=f"{place}[{index}]")
    elif isinstance(wanted, Mapping) and isinstance(value, Mapping) and wanted.keys() == value.keys():
        for name in wanted:
            yield from against_value(value[name], wanted[name], tolerance=tolerance, place=f"{place}.{name}")
    elif not _same(value, wanted, tolerance):
        within = f" within {tolerance:g}" if tolerance else ""
        yield f"{place} must be {shown(wanted)}{within}, is {shown(value)}"


def equal(value: Any, wanted: Any) -> bool:
    """Return whether two JSON values are the same; 1 and 1.0 are, 1 and true are not."""
    return next(against_value(value, wanted), None) is None


def few(faults: Iterator[str]) -> list[str]:
    """Return the first five lines, and how many more there are."""
    told = list(faults)
    more = len(told) - _MOST_FAULTS
    return told if more <= 0 else [*told[:_MOST_FAULTS], f"and {more} more"]


def shown(value: Any) -> str:
    """Return a value in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _same(value: Any, wanted: Any, tolerance: float) -> bool:
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in (value, wanted)]
    if all(numbers):
        return math.isclose(value, wanted, rel_tol=tolerance, abs_tol=tolerance)
    return type(value) is type(wanted) and bool(value == wanted) and not isinstance(value, list | dict)
