"""Services that speak AWS JSON, described by botocore's own service models."""

import datetime
import functools
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

from localcloud.errors import AwsError, NotEmulated
from localcloud.validation import problems

Response = tuple[int, dict[str, str], bytes]

_CONTENT_TYPE: Final = "application/x-amz-json-1.1"


class JsonService:
    """Base of a service: checks parameters, then calls `op_<operation in snake case>`.

    An operation that the service model knows and the class lacks is refused as not emulated.

    Args:
        service_name: botocore's name of the service, for example "sagemaker".

    Example:
        class Greeter(JsonService):
            def op_list_tags(self, params): return {"Tags": []}

        Greeter("sagemaker").call("ListTags", {"ResourceArn": arn})

    """

    validation_code: ClassVar[str] = "ValidationException"
    """Error code of parameters that break the service model."""

    def __init__(self, service_name: str) -> None:
        self.service_name: Final = service_name
        self.model: Final = service_model(service_name)

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Carry out one operation.

        Args:
            operation: its name in the API, for example "DescribeEndpoint".
            params: parsed parameters; timestamps as epoch seconds, ISO text or datetime.

        Returns:
            The response's members; timestamps as epoch seconds.

        Raises:
            AwsError: the request is refused.
            NotEmulated: the operation, or something it asks for, is not emulated.

        """
        model = self._operation(operation)
        present = {name: value for name, value in params.items() if value is not None}
        found = problems(present, model.input_shape) if model.input_shape is not None else []
        if found:
            count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
            raise AwsError(self.validation_code, f"{count}: {'; '.join(found)}")
        method = self.method(f"op_{xform_name(operation)}")
        if method is None:
            raise NotEmulated(f"{self.service_name} {operation}")
        return method(present)

    def method(self, name: str) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
        """Return what carries out an operation, None when nothing does.

        Args:
            name: for example op_describe_endpoint.

        """
        found: Callable[[dict[str, Any]], dict[str, Any]] | None = getattr(self, name, None)
        return found

    def _operation(self, name: str) -> OperationModel:
        try:
            return self.model.operation_model(name)
        except OperationNotFoundError:
            raise AwsError("UnknownOperationException", f"{self.service_name} has no {name}") from None


@functools.cache
def service_model(service_name: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return ServiceModel(Loader().load_service_model(service_name, "service-2"), service_name)


def handle_json(service: JsonService, headers: Mapping[str, str], body: bytes) -> Response:
    """Answer one request in AWS JSON 1.1.

    Args:
        service: carries it out.
        headers: HTTP headers; `X-Amz-Target` names the operation.
        body: JSON document, or nothing.

    Returns:
        Status, headers and body. Timestamps are epoch seconds.

    """
    target = next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")
    try:
        return json_response(200, service.call(target.rpartition(".")[2], _parsed(body)))
    except AwsError as error:
        return error_response(error)


def error_response(error: AwsError) -> Response:
    """Return an error in the shape that botocore parses."""
    return json_response(error.status, {"__type": error.code, "message": error.message})


def json_response(status: int, document: Mapping[str, Any]) -> Response:
    """Return a JSON document with the headers that every answer has."""
    headers = {"Content-Type": _CONTENT_TYPE, "x-amzn-RequestId": str(uuid.uuid4())}
    return status, headers, json.dumps(document, default=_plain).encode()


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise AwsError("SerializationException", "the body must be a JSON object")
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no JSON form")
