"""One request to an asynchronous endpoint: what it asks for, and what is told of its end.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html (notifications)
"""

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import service_model
from localcloud.sagemaker.async_config import AsyncSettings
from localcloud.sagemaker.names import REGION
from localcloud.validation import problems

_HEADERS: Final[Mapping[str, str]] = {
    "x-amzn-sagemaker-content-type": "ContentType",
    "x-amzn-sagemaker-accept": "Accept",
    "x-amzn-sagemaker-custom-attributes": "CustomAttributes",
    "x-amzn-sagemaker-inference-id": "InferenceId",
    "x-amzn-sagemaker-inputlocation": "InputLocation",
    "x-amzn-sagemaker-s3outputpathextension": "S3OutputPathExtension",
    "x-amzn-sagemaker-filename": "Filename",
}
_NUMBERS: Final[Mapping[str, str]] = {
    "x-amzn-sagemaker-requestttlseconds": "RequestTTLSeconds",
    "x-amzn-sagemaker-invocationtimeoutseconds": "InvocationTimeoutSeconds",
}
_TIME_TO_LIVE: Final = 21_600
_TIMEOUT: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncRequest:
    """A queued request.

    Attributes:
        endpoint: endpoint name.
        input_location: S3 address of the payload.
        headers: HTTP headers that the container gets.
        inference_id: given by the caller, or made up.
        received: epoch seconds of the cloud clock.
        expires: when it is too old to be worked on, epoch seconds of the cloud clock.
        timeout_seconds: real seconds that the model may take.
        output_location: where the answer goes.
        failure_location: where a failure goes, if anywhere.

    """

    endpoint: str
    input_location: str
    headers: Mapping[str, str]
    inference_id: str
    received: float
    expires: float
    timeout_seconds: int
    output_location: str
    failure_location: str | None

    @classmethod
    def read(
        cls, endpoint: str, headers: Mapping[str, str], settings: AsyncSettings, *, body: bytes, now: float
    ) -> Self:
        """Read an InvokeEndpointAsync request.

        Raises:
            AwsError: ValidationError, for parameters that break the service model.
            NotEmulated: for payloads in the request and for chosen output names.

        """
        given = _parameters(endpoint, headers)
        for name in ("S3OutputPathExtension", "Filename"):
            if name in given:
                raise NotEmulated(f"SageMaker InvokeEndpointAsync.{name}")
        if body:
            raise NotEmulated("SageMaker InvokeEndpointAsync.Body (put the payload into S3)")
        if "InputLocation" not in given:
            raise AwsError("ValidationError", "InputLocation is required")
        number = uuid.uuid4()
        failures = settings.failure_path
        return cls(
            endpoint=endpoint,
            input_location=given["InputLocation"],
            headers=_container_headers(given),
            inference_id=given.get("InferenceId", str(uuid.uuid4())),
            received=now,
            expires=now + given.get("RequestTTLSeconds", _TIME_TO_LIVE),
            timeout_seconds=given.get("InvocationTimeoutSeconds", _TIMEOUT),
            output_location=f"{settings.output_path}/{number}.out",
            failure_location=f"{failures}/{number}-error.out" if failures else None,
        )

    def notification(self, *, now: float, content_type: str | None = None, failure: str | None = None) -> str:
        """Return the message for a topic: of an answer with a content type, or of a failure."""
        message: dict[str, Any] = {
            "awsRegion": REGION,
            "eventTime": _iso(now),
            "receivedTime": _iso(self.received),
            "invocationStatus": "Failed" if failure else "Completed",
            "requestParameters": {
                "contentType": self.headers.get("content-type"),
                "endpointName": self.endpoint,
                "inputLocation": self.input_location,
            },
            "inferenceId": self.inference_id,
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
        }
        if failure:
            message["failureReason"] = failure
        location = self.failure_location if failure else self.output_location
        if location:
            kind = {} if failure else {"contentType": content_type}
            message["responseParameters"] = {**kind, "outputLocation": location}
        return json.dumps(message)


def _parameters(endpoint: str, headers: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {"EndpointName": endpoint}
    given |= {name: headers[header] for header, name in _HEADERS.items() if header in headers}
    for header, name in _NUMBERS.items():
        if header in headers:
            if not headers[header].isdecimal():
                raise AwsError("ValidationError", f"{name} must be a whole number, got {headers[header]}")
            given[name] = int(headers[header])
    shape = service_model("sagemaker-runtime").operation_model("InvokeEndpointAsync").input_shape
    found = problems(given, shape) if shape is not None else []
    if found:
        raise AwsError("ValidationError", "; ".join(found))
    return given


def _container_headers(given: Mapping[str, Any]) -> dict[str, str]:
    names = {"ContentType": "content-type", "Accept": "accept"}
    names["CustomAttributes"] = "x-amzn-sagemaker-custom-attributes"
    return {header: given[name] for name, header in names.items() if name in given}


def _iso(epoch: float) -> str:
    moment = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
