"""AWS's JSON protocol, with requests checked against botocore's own service models."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.model import ServiceModel, Shape
from botocore.session import get_session
from botocore.validate import ParamValidator

from localcloud.errors import AwsError, NotEmulated
from localcloud.patterns import constraint_faults

Response = tuple[int, dict[str, str], bytes]

_logger = logging.getLogger(__name__)


@cache
def service_model(name: str) -> ServiceModel:
    """Return botocore's model of a service, parsed once."""
    return ServiceModel(get_session().get_service_data(name), name)


class JsonService:
    """An emulated service: each operation is a method `op_<snake_case>(params) -> dict`.

    Args:
        service_name: botocore's name of the service, for example `sagemaker`.

    """

    def __init__(self, service_name: str) -> None:
        self.service_name = service_name
        self.model = service_model(service_name)

    def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Check one request and carry it out.

        Raises:
            NotEmulated: the operation exists on AWS and not here.
            AwsError: AWS would refuse the request.

        """
        if operation not in self.model.operation_names:
            raise AwsError("UnknownOperationException", f"{self.service_name} has no operation {operation}")
        method = getattr(self, f"op_{xform_name(operation)}", None)
        if method is None:
            raise NotEmulated(f"{self.service_name}:{operation}")
        request = dict(params)
        shape = self.model.operation_model(operation).input_shape
        if shape is not None:
            _validate(request, shape)
        result: dict[str, Any] = method(request) or {}
        return result


def handle_json(service: JsonService, headers: Mapping[str, str], body: bytes) -> Response:
    """Answer one request of the AWS JSON protocol."""
    lowered = {name.lower(): value for name, value in headers.items()}
    operation = lowered.get("x-amz-target", "").rpartition(".")[2]
    try:
        params = _parse(body)
        status, content = 200, service.call(operation, params)
    except AwsError as error:
        status, content = error.status, {"__type": error.code, "message": error.message}
    except Exception as error:
        _logger.exception("%s:%s failed", service.service_name, operation)
        status, content = 500, {"__type": "InternalFailure", "message": repr(error)}
    text = json.dumps(content, default=_encode)
    return status, {"Content-Type": "application/x-amz-json-1.1"}, text.encode()


def _parse(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", f"the request is not JSON: {error}") from error
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "the request is not a JSON object")
    return params


def _validate(params: dict[str, Any], shape: Shape) -> None:
    report = ParamValidator().validate(params, shape)
    faults = [report.generate_report()] if report.has_errors() else constraint_faults(params, shape)
    if faults:
        raise AwsError("ValidationException", "; ".join(faults))


def _encode(value: object) -> object:
    # The JSON protocol writes times as seconds since 1970.
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(f"cannot encode {type(value).__name__}")
