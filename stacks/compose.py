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
from constructs import Construct

from stacks.controller import ControllerStack
from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService
from stacks.foundation import FoundationStack
from stacks.hosting import HostingStack
from stacks.promotion import Promotions
from stacks.service_file import Environment, Service
from stacks.service_files import Folder
from stacks.yaml_source import BadFiles


def define_app(app: App, folder: Folder) -> None:
    """Define everything in a folder of service files.

    What a pipeline delivers is defined inside of it, an environment a stage; everything else directly in the
    app. Either way the stacks have the same names and the same templates.

    Raises:
        BadFiles: naming the file and what the library refuses of it.

    """
    if folder.people is not None:
        # Imported only when it is asked for, as below.
        from stacks.people import define_people

        define_people(app, folder)
    if folder.delivery is None:
        define_stacks(app, folder.deployments)
        return
    define_stacks(app, [one for one in folder.deployments if one.delivered is None])
    # Imported only when it is asked for: most apps have no pipeline.
    from stacks.pipeline import define_pipeline

    define_pipeline(app, folder)


def define_stacks(scope: Construct, deployments: Sequence[Deployment[Service]]) -> Sequence[Sequence[Stack]]:
    """Define the stacks of every deployment; return them in the order of birth.

    Args:
        scope: The app, or a stage of a pipeline.
        deployments: The deployments.

    Raises:
        BadFiles: naming the file and what the library refuses of it.

    """
    faults: list[str] = []
    stacks = [_stacks(scope, deployment, faults) for deployment in deployments]
    if faults:
        raise BadFiles(list(dict.fromkeys(faults)))
    return stacks


def _stacks(scope: Construct, deployment: Deployment[Service], faults: list[str]) -> Sequence[Stack]:
    try:
        stacks = _define(scope, deployment)
    except ValueError as error:
        faults.append(f"{deployment.source}: {error}")
        return []
    for stack in stacks:
        _tag(stack, deployment)
    return stacks


def _define(scope: Construct, deployment: Deployment[Service]) -> Sequence[Stack]:
    def options(role: str) -> dict[str, Any]:
        return {
            # Of a stack in a stage, the CDK would put the stage's name before it.
            "stack_name": f"{deployment.name}-{role}",
            "env": Where(account=deployment.environment.account, region=deployment.environment.region),
            "synthesizer": synthesizer(deployment.environment),
            "description": f"Tidegate: {role} of {deployment.service.service} in "
            f"{deployment.environment_name}",
        }

    if isinstance(deployment.service, ManagedService):
        return _managed(scope, deployment.of(ManagedService), options)
    from stacks.plain import define_plain

    return define_plain(scope, deployment, options)


def _managed(
    scope: Construct, deployment: Deployment[ManagedService], options: Callable[[str], dict[str, Any]]
) -> Sequence[Stack]:
    name = deployment.name
    foundation = FoundationStack(scope, f"{name}-foundation", deployment=deployment, **options("foundation"))
    controller = ControllerStack(
        scope,
        f"{name}-controller",
        deployment=deployment,
        foundation=foundation,
        hosting_stack_name=f"{name}-hosting",
        **options("controller"),
    )
    hosting = HostingStack(
        scope,
        f"{name}-hosting",
        deployment=deployment,
        execution_role=foundation.execution_role,
        **options("hosting"),
    )
    # Only the guard's function is needed from the controller, and by name: nothing else says so.
    hosting.add_stack_dependency(controller, "the guard's function lies there")
    promotions = Promotions.of(deployment)
    if promotions is None:
        return foundation, controller, hosting
    # Imported only when it is asked for: most apps have no pipeline.
    from stacks.delivery import DeliveryStack

    delivery = DeliveryStack(
        scope,
        f"{name}-delivery",
        deployment=deployment,
        promotions=promotions,
        foundation=foundation,
        **options("delivery"),
    )
    hosting.add_stack_dependency(delivery, "the pipeline brings the first version about by its role")
    return foundation, controller, delivery, hosting


def _tag(stack: Stack, deployment: Deployment[Service]) -> None:
    # Stable tags only: one that changed with every commit would touch all of hosting at every deploy.
    # Scalable targets are left out: tagging them needs a permission of its own, and nobody bills by them.
    untagged = ["AWS::ApplicationAutoScaling::ScalableTarget"]
    tags = {"service": deployment.service.service, "environment": deployment.environment_name}
    for name, value in tags.items():
        Tags.of(stack).add(f"tidegate:{name}", value, exclude_resource_types=untagged)


def synthesizer(environment: Environment) -> IStackSynthesizer:
    """Return as whom the stacks of an environment are deployed."""
    if environment.deploy_with == "cli-credentials":
        return CliCredentialsStackSynthesizer()
    # The rule would add a parameter to the template that every promotion had to pass on and read.
    return DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
