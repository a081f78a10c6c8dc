"""Define the stacks of every deployment."""

from collections.abc import Callable, Sequence
from typing import Any

from aws_cdk import (
    App,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    IStackSynthesizer,
    Stack,
    Tags,
)
from aws_cdk import Environment as Where

from stacks.controller import ControllerStack
from stacks.fields.managed import ManagedService
from stacks.foundation import FoundationStack
from stacks.hosting import HostingStack
from stacks.service_file import Environment, Service
from stacks.service_files import Deployment
from stacks.yaml_source import BadFiles


def define_stacks(app: App, deployments: Sequence[Deployment[Service]]) -> None:
    """Define the stacks of every deployment, in the order of birth.

    Raises:
        BadFiles: naming the file and what the library refuses of it.

    """
    for deployment in deployments:
        try:
            stacks = _define(app, deployment)
        except ValueError as error:
            raise BadFiles([f"{deployment.source}: {error}"]) from error
        for stack in stacks:
            _tag(stack, deployment)


def _define(app: App, deployment: Deployment[Service]) -> Sequence[Stack]:
    def options(role: str) -> dict[str, Any]:
        return {
            "env": Where(account=deployment.environment.account, region=deployment.environment.region),
            "synthesizer": _synthesizer(deployment.environment),
            "description": f"Tidegate: {role} of {deployment.service.service} in "
            f"{deployment.environment_name}",
        }

    if isinstance(deployment.service, ManagedService):
        return _managed(app, deployment.of(ManagedService), options)
    from stacks.plain import define_plain

    return define_plain(app, deployment, options)


def _managed(
    app: App, deployment: Deployment[ManagedService], options: Callable[[str], dict[str, Any]]
) -> Sequence[Stack]:
    name = deployment.name
    foundation = FoundationStack(app, f"{name}-foundation", deployment=deployment, **options("foundation"))
    controller = ControllerStack(
        app,
        f"{name}-controller",
        deployment=deployment,
        foundation=foundation,
        hosting_stack_name=f"{name}-hosting",
        **options("controller"),
    )
    hosting = HostingStack(
        app,
        f"{name}-hosting",
        deployment=deployment,
        execution_role=foundation.execution_role,
        **options("hosting"),
    )
    # Only the guard's function is needed from the controller, and by name: nothing else says so.
    hosting.add_stack_dependency(controller, "the guard's function lies there")
    return foundation, controller, hosting


def _tag(stack: Stack, deployment: Deployment[Service]) -> None:
    # Stable tags only: one that changed with every commit would touch all of hosting at every deploy.
    # Scalable targets are left out: tagging them needs a permission of its own, and nobody bills by them.
    untagged = ["AWS::ApplicationAutoScaling::ScalableTarget"]
    tags = {"service": deployment.service.service, "environment": deployment.environment_name}
    for name, value in tags.items():
        Tags.of(stack).add(f"tidegate:{name}", value, exclude_resource_types=untagged)


def _synthesizer(environment: Environment) -> IStackSynthesizer:
    if environment.deploy_with == "cli-credentials":
        return CliCredentialsStackSynthesizer()
    # The rule would add a parameter to the template that every promotion had to pass on and read.
    return DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
