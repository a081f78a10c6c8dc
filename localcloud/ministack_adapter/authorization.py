"""IAM for the emulated services, through ministack's own signature check and policy evaluation."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.core.router import extract_access_key_id

from localcloud.ministack_adapter.permissions import ANY_RESOURCE, Permission, required_permissions

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Response]]

_SERVICES = ("sagemaker", "application-autoscaling", "codepipeline", "codebuild")
_ALARMS = "monitoring"
_INVOCATION = re.compile(r"/endpoints/([^/]+)/(invocations|invocations-response-stream|async-invocations)")
_INVOKE_ACTIONS = {
    "invocations": "InvokeEndpoint",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
    "async-invocations": "InvokeEndpointAsync",
}


def install() -> None:
    """Teach ministack the actions and resources of the services that the local cloud adds."""
    original_action = iam_actions.extract_iam_action
    original_resource = iam_actions.extract_resource_arn

    def action(service: str, method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if service in _SERVICES:
            return _permissions(service, path, headers, body)[0].action
        return original_action(service, method, path, headers, body, query)

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> Any:
        if service in _SERVICES or _names_alarms(service, headers, body):
            return _permissions(service, path, headers, body)[0].resource
        return original_resource(service, method, path, headers, body, *rest)

    original_context = iam_actions.request_tag_context

    def context(service: str, iam_action: str, body: bytes, params: Any) -> dict[str, Any]:
        return {**original_context(service, iam_action, body, params), **_conditions(service, body)}

    iam_actions.request_tag_context = context
    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource
    for service in _SERVICES:
        iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
    # A bucket that enforces TLS denies what is not aws:SecureTransport. Loopback never leaves the machine.
    original_origin = gateway.pin_request_origin
    gateway.pin_request_origin = lambda address, _secure: original_origin(address, True)  # noqa: FBT003


def caller() -> str:
    """Return the ARN of whoever makes the call that is being answered; the root's where none is verified."""
    return str(iam_evaluator.caller_arn())


def authorized(service: str, handler: Handler) -> Handler:
    """Return the handler behind the permissions that go beyond the call's first one.

    ministack checks one action on one resource. UpdateEndpoint also needs the endpoint config, CreateModel
    also needs `iam:PassRole`: those are checked here, after the signature was verified.
    """
    if not gateway.AUTH or service not in (*_SERVICES, _ALARMS):
        return handler

    async def check(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        access_key = extract_access_key_id(headers, query)
        if service == _ALARMS and not _names_alarms(service, headers, body):
            return await handler(method, path, headers, body, query)
        for permission in _permissions(service, path, headers, body)[1:]:
            denied = _denied(access_key, service, permission)
            if denied is not None:
                return _refusal(service, permission, denied, headers)
        return await handler(method, path, headers, body, query)

    return check


def _conditions(service: str, body: bytes) -> dict[str, str]:
    """Return the condition keys of a call's own parameters; ministack looks them up in lower case."""
    status = _call("", {}, body)[1].get("ModelApprovalStatus") if service == "sagemaker" else None
    return {"sagemaker:modelapprovalstatus": status} if isinstance(status, str) else {}


def _names_alarms(service: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether a call names alarms by a list; ministack knows those that name one."""
    return service == _ALARMS and bool(_call("", headers, body)[1].get("AlarmNames"))


def _permissions(service: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Permission, ...]:
    operation, request = _call(path, headers, body)
    return required_permissions(
        service=service, operation=operation, request=request, region=get_region(), account=get_account_id()
    )


def _call(path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Mapping[str, Any]]:
    if match := _INVOCATION.fullmatch(path):
        return _INVOKE_ACTIONS[match[2]], {"EndpointName": match[1]}
    operation = headers.get("x-amz-target", "").rpartition(".")[2] or "Unknown"
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return operation, {}
    return operation, request if isinstance(request, dict) else {}


def _denied(access_key: str, service: str, permission: Permission) -> Any:
    context = {"iam:PassedToService": permission.passed_to} if permission.passed_to else None
    return iam_evaluator.enforce(
        access_key,
        permission.action,
        service,
        get_region(),
        resource_arn=permission.resource or ANY_RESOURCE,
        service_context=context,
    )


def _refusal(service: str, permission: Permission, denied: Any, headers: Mapping[str, str]) -> Response:
    response: Response = iam_actions.access_denied_response(
        service,
        permission.action,
        denied.principal_arn,
        new_uuid(),
        headers=headers,
        resource_arn=permission.resource,
        explicit_deny=denied.decision == "Deny",
    )
    return response
