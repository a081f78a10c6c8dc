"""The order of birth of a service on the stage: foundation and controller, a first version, hosting."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from tests.e2e.world import World
from tidegate_cli.operator.controller import stack_outputs
from tidegate_cli.rehearsal.cdk import Ran, Synth
from tidegate_cli.rehearsal.registry import Registry
from tidegate_cli.rehearsal.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """A deployed service, and what was said to who wanted it too early.

    Attributes:
        world: The service at rest, with its first version live.
        too_early: The deploy of hosting before any version was approved.
        stack_then: Status of the hosting stack after that deploy, empty when there was none.

    """

    world: World
    too_early: Ran
    stack_then: str


def controlled(stage: Stage, assembly: Path, synths: Mapping[str, Synth]) -> World:
    """Deploy foundation and controller of the stage's service."""
    stage.cdk.deploy(assembly, stage.service.stack("foundation"), stage.service.stack("controller"))
    outputs = stack_outputs(stage.aws, stage.service.stack("foundation"))
    registry = Registry(aws=stage.aws, bucket=outputs["ArtifactBucket"], group=outputs["ModelPackageGroup"])
    return World(stage=stage, controller=stage.controller(), registry=registry, synths=synths)


def hosted(world: World, assembly: Path) -> World:
    """Approve a first version and deploy hosting."""
    world.wait_for(world.roll_out(), "ENDED")
    world.stage.cdk.deploy(assembly, world.controller.hosting_stack)
    world.require_rest()
    return world


def born_too_early(stage: Stage, assembly: Path, synths: Mapping[str, Synth]) -> Birth:
    """Do the same, and try to deploy hosting before there is any version."""
    world = controlled(stage, assembly, synths)
    too_early = stage.cdk.try_deploy(assembly, world.controller.hosting_stack)
    stack_then = _status(stage, world.controller.hosting_stack)
    return Birth(world=hosted(world, assembly), too_early=too_early, stack_then=stack_then)


def begin_changed(stage: Stage, name: str, changes: Mapping[str, str]) -> Synth:
    """Begin to synthesize the service with another text in its file.

    Args:
        stage: With the service.
        name: Of the change; names the assembly.
        changes: New texts by old ones, each of which must be there; the new one of `""` is added at the end.

    """
    copy = stage.work / f"services-{name}"
    shutil.copytree(stage.service.folder, copy)
    file = copy / f"{stage.service.service}.yaml"
    text = file.read_text()
    for old, new in changes.items():
        assert old in text, f"{old!r} is not in {file.name}"
        text = text.replace(old, new) if old else text + new
    file.write_text(text)
    return stage.cdk.begin_synth(copy, name=name)


def _status(stage: Stage, name: str) -> str:
    try:
        return stage.aws.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return ""
