"""ministack's ASGI application with the local cloud's services in it."""

from collections.abc import Callable
from typing import Any

from ministack import app as gateway

from localcloud.ministack_adapter import (
    authorization,
    callbacks,
    change_sets,
    condition_keys,
    current_execution,
    events,
    executions,
    lambda_workers,
    stack_events,
    stack_updates,
)
from localcloud.ministack_adapter.authorization import Handler
from localcloud.ministack_adapter.executions import After
from localcloud.ministack_adapter.refusal import Handlers

# ministack's module is typed as Any; this name is what the server runs.
application: Any = gateway.app


def install(*, now: Callable[[], float], after: After, scale: float) -> None:
    """Put Lambda, EventBridge and Step Functions on the cloud clock.

    Args:
        now: cloud time in epoch seconds.
        after: schedules a callback some cloud seconds from now.
        scale: cloud seconds in a real second.

    """
    lambda_workers.install(now=now, scale=scale)
    events.install(now=now, scale=scale)
    executions.install(after=after)
    current_execution.install()
    callbacks.install(scale=scale)
    authorization.install()
    condition_keys.install()
    stack_updates.install()
    change_sets.install()
    stack_events.install()
    gateway.SERVICE_HANDLERS = Handlers(gateway.SERVICE_HANDLERS)
    _keep_content_types()
    # Hooks of a ministack container image: shell scripts in /etc and /docker-entrypoint-initaws.d.
    gateway._collect_scripts = lambda *_folders: []


def _keep_content_types() -> None:
    """Leave the content type of a model's answer alone: ministack takes SageMaker's for AWS JSON."""
    original = gateway.fix_success_content_type

    def fix(service: str, status: int, headers: dict[str, str]) -> None:
        if service != "sagemaker":
            original(service, status, headers)

    gateway.fix_success_content_type = fix


def serve(service: str, handler: Handler) -> None:
    """Let `handler` answer every request signed for `service`, instead of ministack if it has such a service.

    Args:
        service: name in the credential scope: `sagemaker`, `monitoring`, `application-autoscaling`.
        handler: coroutine function of method, path, headers, body and query.

    """
    gateway.SERVICE_HANDLERS[service] = authorization.authorized(service, handler)


def enforces_iam() -> bool:
    """Return whether requests are authenticated and authorized."""
    return bool(gateway.AUTH)


def end_workers() -> None:
    """End every Lambda process."""
    lambda_workers.end_all()
