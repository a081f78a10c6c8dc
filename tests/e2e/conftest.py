"""One local cloud for all proofs; the real CDK CLI deploys every stack of two services."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from tests.e2e.birth import Birth, begin_changed, born_too_early, controlled, hosted
from tests.e2e.permitted import Person, permitted
from tests.e2e.plans import PLANS
from tests.e2e.rest import TRACKED
from tests.e2e.world import World
from tidegate_cli.operator.ledger import Run
from tidegate_cli.rehearsal.cdk import Cdk
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.cloud import open_cloud
from tidegate_cli.rehearsal.environment import RehearsalEnvironment, replace_own
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.progress import Progress
from tidegate_cli.rehearsal.services import ServiceCopy, copy_service
from tidegate_cli.rehearsal.stage import Stage

_SERVICES: Final = Path(__file__).parent / "services"
_TIME_SCALE: Final = 120.0


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Start the local cloud, for the service `echo` and what else is in the folder."""
    with _stage(tmp_path_factory.mktemp("e2e")) as stage:
        yield stage


@pytest.fixture(scope="session")
def assembly(stage: Stage) -> Path:
    """Synthesize all services, and bootstrap."""
    assembly = stage.cdk.synth(stage.service.folder, name="first")
    stage.cdk.bootstrap(assembly)
    return assembly


@pytest.fixture(scope="session")
def birth(stage: Stage, assembly: Path) -> Birth:
    """Deploy `echo` and its first version, in the wrong order too."""
    changed = begin_changed(stage, "changed", {"": "model: {environment: {COLOUR: green}}\n"})
    return born_too_early(stage, assembly, {"changed": changed})


@pytest.fixture(scope="session")
def world(birth: Birth) -> World:
    """Return the service `echo`; every proof leaves it at rest."""
    return birth.world


@pytest.fixture(scope="session")
def people(world: World) -> Mapping[str, Person]:
    """Return somebody of each set of people."""
    return permitted(world)


@pytest.fixture(scope="session")
def quick(stage: Stage, assembly: Path) -> World:
    """Deploy `quick` and its first version; every proof leaves it at rest."""
    service = ServiceCopy(folder=stage.service.folder, service="quick", instances=1)
    stage = replace(stage, service=service)
    changes = {name: {"COLOUR: blue": f"COLOUR: {name}"} for name in ("green", "broken")}
    synths = {name: begin_changed(stage, name, change) for name, change in {**changes, **PLANS}.items()}
    return hosted(controlled(stage, assembly, synths), assembly)


@pytest.fixture(scope="session")
def guarded(stage: Stage, assembly: Path) -> World:
    """Deploy `guarded` and its first version; every proof leaves it at rest."""
    service = ServiceCopy(folder=stage.service.folder, service="guarded", instances=2)
    world = controlled(replace(stage, service=service), assembly, {})
    return hosted(replace(world, tracked={**TRACKED, "bounds": (2, 4)}), assembly)


@pytest.fixture
def timed(stage: Stage, record_property: Callable[[str, object], None]) -> Callable[[Run], None]:
    """Return what notes how fast a rollback was, in real seconds, for `benchmarks.rollback_time`."""

    def note(run: Run) -> None:
        requested, zero = run.first("ROLLBACK_REQUESTED"), run.first("WEIGHT_ZERO")
        assert requested is not None
        assert zero is not None
        record_property("source", requested.body["source"])
        for name in ("seconds_since_request", "seconds_refused", "seconds_since_accepted"):
            record_property(name, zero.body[name] / stage.cloud.scale)

    return note


@contextmanager
def _stage(work: Path) -> Iterator[Stage]:
    before, checkout = dict(os.environ), Checkout.find()
    service = copy_service(_SERVICES / "echo.yaml", work / "services")
    for other in _SERVICES.glob("*.yaml"):
        shutil.copy(other, work / "services")
    shutil.copytree(_SERVICES / "samples", work / "services" / "samples")
    replace_own(RehearsalEnvironment(work=work, python_path=checkout.python_path).build(os.environ))
    try:
        with Processes(environment=os.environ, cwd=checkout.root) as processes:
            yield _cloud(work, checkout, processes, service)
    finally:
        replace_own(before)


def _cloud(work: Path, checkout: Checkout, processes: Processes, service: ServiceCopy) -> Stage:
    cloud = open_cloud(processes, work=work, python_path=checkout.python_path, port=0, time_scale=_TIME_SCALE)
    # Checks of whole templates have a test of their own.
    processes.environment = {**processes.environment, "CDK_VALIDATION": "false"}
    return Stage(
        work=work,
        processes=processes,
        cloud=cloud,
        cdk=Cdk(checkout=checkout, processes=processes, work=work),
        aws=LocalAws(endpoint_url=cloud.endpoint_url),
        service=service,
        progress=Progress(Console(quiet=True), steps=1),
    )
