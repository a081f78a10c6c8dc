"""Requests of the AWS query protocol: form fields to the parameters of an operation.

Source: AWS query protocol, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from localcloud.errors import AwsError, NotEmulated

_ENVELOPE = ("Action", "Version")


def fields_of(body: bytes, query: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the form fields of a request, from its body and its query string."""
    in_body = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body)))
    return {**{name: values[-1] for name, values in query.items() if values}, **in_body}


def operation_of(fields: Mapping[str, str], model: ServiceModel) -> OperationModel:
    """Return the operation that the field Action names.

    Raises:
        AwsError: InvalidAction, when the service has no such operation.

    """
    name = fields.get("Action", "")
    if name not in model.operation_names:
        raise AwsError("InvalidAction", f"Could not find operation {name or '(none)'}")
    return model.operation_model(name)


def parameters_of(fields: Mapping[str, str], operation: OperationModel) -> dict[str, Any]:
    """Decode the fields of an operation.

    Raises:
        AwsError: MalformedInput, when a number or boolean is none.
        NotEmulated: for a field that the operation does not have.

    """
    rest = {name: value for name, value in fields.items() if name not in _ENVELOPE}
    if operation.input_shape is None:
        return {}
    used: set[str] = set()
    found = _structure(operation.input_shape, "", rest, used)
    unknown = sorted(set(rest) - used)
    if unknown:
        raise NotEmulated(f"CloudWatch {operation.name}: unknown fields {', '.join(unknown)}")
    return found


def _decode(shape: Shape, prefix: str, fields: Mapping[str, str], used: set[str]) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, prefix + ".", fields, used)
    if isinstance(shape, ListShape):
        return _list(shape, prefix, fields, used)
    if isinstance(shape, MapShape):
        raise NotEmulated(f"CloudWatch query protocol: map {prefix}")
    used.add(prefix)
    return _scalar(shape, prefix, fields[prefix])


def _structure(shape: Shape, prefix: str, fields: Mapping[str, str], used: set[str]) -> dict[str, Any]:
    assert isinstance(shape, StructureShape)  # noqa: S101 - inputs of operations are structures
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        at = prefix + str(member.serialization.get("name", name))
        if _present(at, fields):
            found[name] = _decode(member, at, fields, used)
    return found


def _list(shape: ListShape, prefix: str, fields: Mapping[str, str], used: set[str]) -> list[Any]:
    if fields.get(prefix) == "":  # the protocol's empty list
        used.add(prefix)
        return []
    inner = (
        prefix
        if shape.serialization.get("flattened")
        else f"{prefix}.{shape.member.serialization.get('name', 'member')}"
    )
    items: list[Any] = []
    while _present(at := f"{inner}.{len(items) + 1}", fields):
        items.append(_decode(shape.member, at, fields, used))
    return items


def _present(at: str, fields: Mapping[str, str]) -> bool:
    return at in fields or any(name.startswith(at + ".") for name in fields)


def _scalar(shape: Shape, name: str, text: str) -> Any:
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("double", "float"):
            return float(text)
        if shape.type_name == "boolean":
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError):
        raise AwsError("MalformedInput", f"{name} must be of type {shape.type_name}, got {text}") from None
    return text
