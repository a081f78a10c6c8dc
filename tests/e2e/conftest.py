"""One local cloud for all proofs; the real CDK CLI deploys foundation, controller and hosting once."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from tests.e2e.world import World
from tidegate_cli.operator.controller import stack_outputs
from tidegate_cli.rehearsal.cdk import Cdk
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.cloud import start_cloud
from tidegate_cli.rehearsal.environment import RehearsalEnvironment, replace_own
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.progress import Progress
from tidegate_cli.rehearsal.registry import Registry
from tidegate_cli.rehearsal.services import ServiceCopy, copy_service
from tidegate_cli.rehearsal.stage import Stage

_HERE: Final = Path(__file__).parent
_TIME_SCALE: Final = 120.0


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Deploy the service and its first version; every proof leaves it at rest."""
    work = tmp_path_factory.mktemp("e2e")
    with ExitStack() as stack:
        stage = stack.enter_context(_stage(work))
        yield _born(stage)


@contextmanager
def _stage(work: Path) -> Iterator[Stage]:
    before, checkout = dict(os.environ), Checkout.find()
    service = copy_service(_HERE / "services" / "echo.yaml", work / "services")
    replace_own(RehearsalEnvironment(work=work, python_path=checkout.python_path).build(os.environ))
    try:
        with Processes(environment=os.environ, cwd=checkout.root) as processes:
            yield _cloud(work, checkout, processes, service)
    finally:
        replace_own(before)


def _cloud(work: Path, checkout: Checkout, processes: Processes, service: ServiceCopy) -> Stage:
    log = work / "localcloud.log"
    cloud = start_cloud(processes, port=0, time_scale=_TIME_SCALE, data=work / "cloud", log=log)
    environment = RehearsalEnvironment(
        work=work, python_path=checkout.python_path, endpoint_url=cloud.endpoint_url
    )
    # Checks of whole templates have a test of their own.
    processes.environment = environment.build(os.environ) | {"CDK_VALIDATION": "false"}
    return Stage(
        work=work,
        processes=processes,
        cloud=cloud,
        cdk=Cdk(checkout=checkout, processes=processes, work=work),
        aws=LocalAws(endpoint_url=cloud.endpoint_url),
        service=service,
        progress=Progress(Console(quiet=True), steps=1),
    )


def _born(stage: Stage) -> World:
    assembly = stage.cdk.synth(stage.service.folder, name="first")
    hosting = stage.service.stack("hosting")
    stage.cdk.bootstrap(assembly)
    stage.cdk.deploy(assembly, stage.service.stack("foundation"), stage.service.stack("controller"))
    outputs = stack_outputs(stage.aws, stage.service.stack("foundation"))
    registry = Registry(aws=stage.aws, bucket=outputs["ArtifactBucket"], group=outputs["ModelPackageGroup"])
    changed = _with_changed_environment(stage.service.folder, stage.work / "services-changed")
    world = World(
        stage=stage,
        controller=stage.controller(),
        registry=registry,
        too_early=stage.cdk.try_deploy(assembly, hosting),
        stack_then=_status(stage, hosting),
        changed=stage.cdk.begin_synth(changed, name="changed"),
    )
    world.wait_for(world.roll_out(), "ENDED")
    stage.cdk.deploy(assembly, hosting)
    world.require_rest()
    return world


def _with_changed_environment(folder: Path, copy: Path) -> Path:
    """Copy the service files, with one more environment variable for the containers."""
    shutil.copytree(folder, copy)
    file = copy / "echo.yaml"
    file.write_text(file.read_text() + "model: {environment: {COLOUR: green}}\n")
    return copy


def _status(stage: Stage, name: str) -> str:
    try:
        return stage.aws.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return ""
