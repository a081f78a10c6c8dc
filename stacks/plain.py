"""The two stacks of a service without a rollout: what outlives its models, and what hosts them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from constructs import Construct

from stacks.deployment import Deployment
from stacks.origin import tell_origin
from stacks.plain_foundation import PlainFoundationStack
from stacks.service_file import Service


def define_plain(
    scope: Construct, deployment: Deployment[Service], options: Callable[[str], dict[str, Any]]
) -> Sequence[Stack]:
    """Define foundation and hosting of a deployment.

    Args:
        scope: The app, or a stage of a pipeline.
        deployment: The deployment.
        options: Arguments of a stack by its role.

    Raises:
        ValueError: naming what the library refuses.

    """
    foundation = PlainFoundationStack(
        scope, f"{deployment.name}-foundation", deployment=deployment, **options("foundation")
    )
    hosting = _HOSTING[deployment.service.SECTION]()(
        scope,
        f"{deployment.name}-hosting",
        deployment=deployment,
        execution_role=foundation.execution_role,
        **options("hosting"),
    )
    tell_origin(hosting)
    return foundation, hosting


def _real_time() -> Callable[..., Stack]:
    from stacks.kinds.real_time import RealTimeStack

    return RealTimeStack


def _serverless() -> Callable[..., Stack]:
    from stacks.kinds.serverless import ServerlessStack

    return ServerlessStack


def _async() -> Callable[..., Stack]:
    from stacks.kinds.asynchronous import AsyncStack

    return AsyncStack


def _components() -> Callable[..., Stack]:
    from stacks.kinds.components import ComponentsStack

    return ComponentsStack


def _batch() -> Callable[..., Stack]:
    from stacks.kinds.batch import BatchStack

    return BatchStack


# Each kind's module and constructs are imported for a service of that kind only.
_HOSTING: Final[Mapping[str, Callable[[], Callable[..., Stack]]]] = {
    "endpoint": _real_time,
    "serverless": _serverless,
    "async": _async,
    "components": _components,
    "batch": _batch,
}
