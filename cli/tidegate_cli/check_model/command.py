"""The command `check-model`; what it needs of a checkout is imported when it runs."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from tidegate_cli.check_model.contract import STARTUP_SECONDS, Kind
from tidegate_cli.check_model.options import Options
from tidegate_cli.check_model.report import Report, report_view
from tidegate_cli.command_line import AsJson, make_console, told_in_one_line
from tidegate_cli.failures import CliError, ExitCode, Interrupted
from tidegate_cli.rehearsal.processes import signals_interrupt
from tidegate_cli.runtime import make_runtime_importable

_ROOT: Final = Path(__file__).resolve().parents[3]
_PACKAGES: Final = ("httptools", "ruamel.yaml", "uvloop")


def check_model(
    model: Annotated[str, typer.Argument(help="A model.tar.gz, or a folder with what it should hold.")],
    *,
    samples: Annotated[Path | None, typer.Option(help="YAML or JSON file of sample requests.")] = None,
    kind: Annotated[Kind, typer.Option(help="Kind of inference, whose limits count.")] = "real-time",
    memory_mb: Annotated[int | None, typer.Option(help="Memory that the model may use.", min=1)] = None,
    startup_timeout: Annotated[
        float, typer.Option(help="Seconds within which its ping must be answered.", min=1, max=3600)
    ] = STARTUP_SECONDS,
    request_timeout: Annotated[
        float | None,
        typer.Option(help="Seconds to wait for an answer; the limit of the kind otherwise.", min=1),
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Requests at the same time.", min=1, max=64)] = 4,
    env: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for the container; repeatable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Serve a model here as its container would, ask it samples, and say what SageMaker would reject.

    Runs the model's code on this machine, in processes of their own: check only what you would run by hand.
    """
    with told_in_one_line():
        report = _answer(
            Options(
                model=model,
                samples=samples,
                kind=kind,
                memory_mb=memory_mb,
                startup_seconds=startup_timeout,
                request_seconds=request_timeout,
                concurrency=concurrency,
                environment=_environment(env if env is not None else []),
            )
        )
    if as_json:
        typer.echo(json.dumps(report.to_json(), indent=2))
    else:
        make_console().print(report_view(report))
    if not report.ok:
        raise typer.Exit(int(ExitCode.FAILED))


def _answer(options: Options) -> Report:
    require_checkout(_ROOT)
    make_runtime_importable()
    from tidegate_cli.check_model.run import check_model

    try:
        with signals_interrupt():
            return check_model(options, before_code=_warn)
    except Interrupted as error:
        typer.echo("tidegate: interrupted; every process that was started has ended", err=True)
        raise typer.Exit(128 + error.signal_number) from error


def _warn() -> None:
    typer.echo("tidegate: this runs the model's code on this machine, as your user", err=True)


def require_checkout(root: Path) -> None:
    """Make the local cloud importable, which serves the model and is in no installed package.

    Raises:
        CliError: there is no checkout at `root`, or it is not set up.

    """
    if not (root / "localcloud" / "hosting").is_dir():
        raise CliError(
            "check-model needs a checkout of Tidegate with its local cloud, not an installed package"
        )
    missing = [name for name in _PACKAGES if not _importable(name)]
    if missing:
        raise CliError(f"packages missing: {', '.join(missing)}: run `make setup`")
    if str(root) not in sys.path:
        sys.path.append(str(root))


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _environment(given: list[str]) -> dict[str, str]:
    bad = [one for one in given if not one.partition("=")[1] or not one.partition("=")[0]]
    if bad:
        raise CliError(f"--env must be NAME=VALUE, got {', '.join(bad)}", ExitCode.USAGE)
    return {name: value for name, _, value in (one.partition("=") for one in given)}
