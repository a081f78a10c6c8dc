"""The two protocols that CloudWatch is spoken to in here: AWS JSON 1.0 and the query protocol.

The service model names smithy-rpc-v2-cbor, json and query; boto3 1.43 sends JSON with the header
`x-amzn-query-mode`, and expects the query protocol's error code in `x-amzn-query-error`.

Source: AWS query compatible trait, https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

import json
from collections.abc import Mapping

from localcloud.cloudwatch.query_request import fields_of, operation_of, parameters_of
from localcloud.cloudwatch.query_response import failure, success
from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import JsonService, handle_json

Response = tuple[int, dict[str, str], bytes]


def answer(
    service: JsonService, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
) -> Response:
    """Answer a request in the protocol it came in."""
    lowered = {name.lower(): value for name, value in headers.items()}
    if "x-amz-target" in lowered:
        return _json(service, lowered, body)
    if "smithy-protocol" in lowered:
        refusal = NotEmulated(f"CloudWatch protocol {lowered['smithy-protocol']}: use JSON or query")
        content = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
        return refusal.status, {"Content-Type": "application/json"}, content
    return _query(service, body, query)


def _json(service: JsonService, headers: dict[str, str], body: bytes) -> Response:
    status, answered, content = handle_json(service, headers, body)
    answered = {**answered, "Content-Type": "application/x-amz-json-1.0"}
    if status >= 400:
        code = str(json.loads(content).get("__type", "")).rsplit("#", 1)[-1]
        answered["x-amzn-query-error"] = f"{code};{'Sender' if status < 500 else 'Receiver'}"
    return status, answered, content


def _query(service: JsonService, body: bytes, query: Mapping[str, list[str]]) -> Response:
    headers = {"Content-Type": "text/xml"}
    try:
        fields = fields_of(body, query)
        operation = operation_of(fields, service.model)
        result = service.call(operation.name, parameters_of(fields, operation))
        return 200, headers, success(operation, result)
    except AwsError as error:
        return error.status, headers, failure(error)
