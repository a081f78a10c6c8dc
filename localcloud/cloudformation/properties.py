"""Template properties turned into API requests: strings become numbers, unknown names are refused."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape, StructureShape

_BOOLEANS = {"true": True, "false": False}


class PropertyError(ValueError):
    """A property that the resource type does not have, or that has the wrong form."""


@cache
def input_shape(service: str, operation: str) -> StructureShape:
    """Return botocore's shape of an operation's request.

    Args:
        service: botocore's name of the service.
        operation: operation name, for example `CreateModel`.

    """
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).input_shape
    if shape is None:
        raise LookupError(f"{operation} of {service} takes no request")
    return shape


def known_properties(service: str, operation: str) -> frozenset[str]:
    """Return the names of the members of an operation's request."""
    return frozenset(input_shape(service, operation).members)


def to_request(service: str, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request that a resource's properties stand for.

    CloudFormation accepts numbers and booleans as strings (parameters always are); APIs do not.

    Args:
        service: botocore's name of the service.
        operation: operation name.
        properties: resolved template properties.

    Raises:
        PropertyError: a name is unknown, at any depth, or a value has the wrong form.

    """
    request: dict[str, Any] = _convert(input_shape(service, operation), properties, "#")
    return request


def _convert(shape: Shape, value: Any, path: str) -> Any:
    convert = _CONVERTERS.get(shape.type_name)
    return convert(shape, value, path) if convert is not None else value


def _structure(shape: Any, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise PropertyError(f"{path}: expected type: JSONObject, found: {type(value).__name__}")
    unknown = sorted(set(value) - set(shape.members))
    if unknown:
        raise PropertyError(f"{path}: extraneous key [{unknown[0]}] is not permitted")
    return {name: _convert(shape.members[name], item, f"{path}/{name}") for name, item in value.items()}


def _list(shape: Any, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise PropertyError(f"{path}: expected type: JSONArray, found: {type(value).__name__}")
    return [_convert(shape.member, item, f"{path}/{index}") for index, item in enumerate(value)]


def _map(shape: Any, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise PropertyError(f"{path}: expected type: JSONObject, found: {type(value).__name__}")
    return {str(name): _convert(shape.value, item, f"{path}/{name}") for name, item in value.items()}


def _string(_shape: Shape, value: Any, path: str) -> str:
    if isinstance(value, Mapping | list):
        raise PropertyError(f"{path}: expected type: String, found: {type(value).__name__}")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _boolean(_shape: Shape, value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    try:
        return _BOOLEANS[str(value).lower()]
    except KeyError:
        raise PropertyError(f"{path}: expected type: Boolean, found: {value}") from None


def _number(kind: Callable[[Any], Any]) -> Callable[[Shape, Any, str], Any]:
    def convert(_shape: Shape, value: Any, path: str) -> Any:
        try:
            return kind(value)
        except (TypeError, ValueError):
            raise PropertyError(f"{path}: expected type: Number, found: {value}") from None

    return convert


_CONVERTERS: Mapping[str, Callable[[Any, Any, str], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "boolean": _boolean,
    "integer": _number(int),
    "long": _number(int),
    "float": _number(float),
    "double": _number(float),
}
