"""What the commands have in common: their options, their console, and failures in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from tidegate_cli.failures import CliError
from tidegate_cli.operator.session import one_line_errors

Service = Annotated[str, typer.Option(help="Name of the service, as in its service file.")]
Environment = Annotated[str, typer.Option(help="Name of the environment, as in environments.yaml.")]
Profile = Annotated[str | None, typer.Option(help="AWS profile; the default chain otherwise.")]
Region = Annotated[str | None, typer.Option(help="AWS region; the profile's otherwise.")]
EndpointUrl = Annotated[str | None, typer.Option(help="One address for all AWS services: a local cloud.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def make_console() -> Console:
    """Return a console for people; as wide as the terminal, or wide enough for a log file."""
    # A log file has no width of its own, and 80 columns are too few for the table.
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=140)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Tell a failure on one line of stderr, and end with its exit code.

    Raises:
        typer.Exit: with the failure's code; 130 when the user interrupts.

    """
    try:
        with one_line_errors():
            yield
    except CliError as error:
        sys.stderr.write(f"tidegate: {error}\n")
        raise typer.Exit(int(error.code)) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(130) from error
