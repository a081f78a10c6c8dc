"""Responses of the AWS query protocol: XML.

Source: AWS query protocol, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from localcloud.errors import AwsError

_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"


def success(operation: OperationModel, result: Mapping[str, Any]) -> bytes:
    """Encode the result of an operation."""
    content = ""
    if operation.output_shape is not None:
        content = _tag(f"{operation.name}Result", _content(operation.output_shape, result))
    return _document(f"{operation.name}Response", content + _tag("ResponseMetadata", _request_id()))


def failure(error: AwsError) -> bytes:
    """Encode a refusal."""
    kind = "Sender" if error.status < 500 else "Receiver"
    content = _tag("Type", kind) + _tag("Code", error.code) + _tag("Message", escape(error.message))
    return _document("ErrorResponse", _tag("Error", content) + _request_id())


def _document(name: str, content: str) -> bytes:
    return f'<?xml version="1.0"?>\n<{name} xmlns="{_NAMESPACE}">{content}</{name}>'.encode()


def _request_id() -> str:
    return _tag("RequestId", str(uuid.uuid4()))


def _tag(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _content(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        members = ((name, member, value.get(name)) for name, member in shape.members.items())
        return "".join(_member(name, member, each) for name, member, each in members if each is not None)
    if isinstance(shape, ListShape):
        return "".join(
            _tag(shape.member.serialization.get("name", "member"), _content(shape.member, v)) for v in value
        )
    if isinstance(shape, MapShape):
        entries = (_tag("key", escape(k)) + _tag("value", _content(shape.value, v)) for k, v in value.items())
        return "".join(_tag("entry", each) for each in entries)
    return escape(_text(shape, value))


def _member(name: str, shape: Shape, value: Any) -> str:
    return _tag(str(shape.serialization.get("name", name)), _content(shape, value))


def _text(shape: Shape, value: Any) -> str:
    if shape.type_name == "timestamp":
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    if shape.type_name == "boolean":
        return "true" if value else "false"
    return str(value)
