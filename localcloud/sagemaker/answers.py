"""How the runtime API answers.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import json
import uuid
from collections.abc import Mapping
from typing import Final

from localcloud.hosting import Call, Host
from localcloud.hosting.client import Answer
from localcloud.protocol import Response
from localcloud.sagemaker.names import ACCOUNT, REGION
from localcloud.sagemaker.routing import Route

_CUSTOM_ATTRIBUTES: Final = "x-amzn-sagemaker-custom-attributes"


def success_headers(answer: Answer, route: Route) -> dict[str, str]:
    """Return the headers of a model's answer."""
    headers = {
        "Content-Type": answer.headers.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": route.variant,
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    if _CUSTOM_ATTRIBUTES in answer.headers:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = answer.headers[_CUSTOM_ATTRIBUTES]
    return headers


def model_error(
    endpoint_name: str, route: Route, host: Host, answer: Answer, problem: str | None, call: Call | None
) -> Response:
    """Return the error that stands for a model's own.

    Args:
        endpoint_name: endpoint name.
        route: where the request went.
        host: what answered.
        answer: the model's answer, with status 0 when there was none.
        problem: why there was none.
        call: the way through several containers, of which the last one failed.

    """
    text = problem or answer.body.decode(errors="replace")
    side = "client" if 400 <= answer.status < 500 else "server"
    container = next(reversed(call.seconds), None) if call is not None and call.seconds else None
    stream = f"{route.variant}/{host.instance_id}" + (f"/{container}" if container else "")
    group = f"/aws/sagemaker/Endpoints/{endpoint_name}"
    document = {
        "Message": f"Received {side} error ({answer.status}) from {container or 'primary'} "
        f'with message "{text}".',
        "OriginalStatusCode": answer.status,
        "OriginalMessage": text,
        "LogStreamArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:{stream}",
    }
    return error_response(424, "ModelError", document)


def error_response(status: int, code: str, document: Mapping[str, object]) -> Response:
    """Return a refusal of the runtime API in the shape that botocore parses."""
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": code,
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return status, headers, json.dumps(document).encode()
