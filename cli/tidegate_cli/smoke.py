"""The command `smoke`: what a pipeline's job asks an endpoint after a deployment, asked by a person."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidegate_cli.command_line import EndpointUrl, Environment, Profile, Region, Service, told_in_one_line
from tidegate_cli.failures import CliError
from tidegate_cli.operator.session import Aws
from tidegate_cli.runtime import make_runtime_importable

if TYPE_CHECKING:
    from tidegate_runtime.smoke import SmokeTest

_PAUSE_SECONDS = 5.0


def smoke(
    service: Service,
    environment: Environment,
    *,
    samples: Annotated[
        Path | None,
        typer.Option(help="YAML or JSON file of requests; else the one that the service declares."),
    ] = None,
    services: Annotated[Path, typer.Option(help="Folder of the service files.")] = Path("services"),
    timeout: Annotated[float, typer.Option(help="Seconds to wait for a model that loads.", min=1)] = 300,
    profile: Profile = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Ask an endpoint the declared requests; stop at the first answer that is not as declared."""
    with told_in_one_line():
        make_runtime_importable()
        from tidegate_cli.check_model.samples_file import read_samples
        from tidegate_runtime.adapters.invoker import RuntimeInvoker
        from tidegate_runtime.clock import SystemClock
        from tidegate_runtime.errors import Fault
        from tidegate_runtime.smoke import SmokeTest

        chosen = samples if samples is not None else _declared(services / f"{service}.yaml")
        aws = Aws(profile=profile, region=region, endpoint_url=endpoint_url)
        invoker = RuntimeInvoker(aws.runtime, endpoint_name=f"{service}-{environment}")
        test = SmokeTest(samples=read_samples(chosen), invoker=invoker, clock=SystemClock())
        try:
            typer.echo(_asked(test, timeout_seconds=timeout))
        except Fault as fault:
            raise CliError(str(fault)) from fault


def _declared(path: Path) -> Path:
    """Return the file of requests that a service file declares.

    Raises:
        CliError: there is no such service file, or it declares none.

    """
    from stacks.yaml_source import BadFiles, YamlSource, plain

    try:
        document: Any = plain(YamlSource.read(path).document)
    except BadFiles as error:
        raise CliError.joined([*error.faults, "or give --samples"]) from error
    delivery = document.get("delivery") if isinstance(document, dict) else None
    name = delivery.get("smoke") if isinstance(delivery, dict) else None
    if not isinstance(name, str):
        raise CliError(f"{path} declares no delivery.smoke: give --samples")
    return path.parent / name


def _asked(test: "SmokeTest", *, timeout_seconds: float) -> str:
    """Ask until all is answered; return what is to be told.

    Raises:
        CliError: an answer is not as declared, or there is none in time.

    """
    from tidegate_runtime.smoke import Progress

    progress = Progress(since=test.clock.now())
    while True:
        look = test.ask(progress, budget_seconds=timeout_seconds)
        progress = look.progress
        if look.failure:
            raise CliError(f"{look.failure}; {test.told(progress)}")
        if progress.answered == len(test.samples):
            return test.told(progress)
        if test.clock.now() - progress.since > timeout_seconds:
            raise CliError(f"after {timeout_seconds:g} s, only {test.told(progress)}; {look.trouble}")
        typer.echo(f"waiting: {look.trouble}", err=True)
        time.sleep(_PAUSE_SECONDS)
