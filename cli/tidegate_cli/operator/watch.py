"""Watch a rollout until it ends."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live

from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.ledger import RUNNING
from tidegate_cli.operator.session import Aws, one_line_errors
from tidegate_cli.operator.status import Status, read_status
from tidegate_cli.operator.status_view import status_line, status_table, time_left
from tidegate_cli.operator.words import clock_time

Show = Callable[[Status], None]

_PATIENCE: Final = 5
"""How many reads in a row may fail: a watch of hours outlives a network that is gone for a moment."""

_CODES: Final[Mapping[str, ExitCode]] = {
    "PROMOTED": ExitCode.OK,
    "ROLLED_BACK": ExitCode.ROLLED_BACK,
    "NEEDS_HUMAN": ExitCode.NEEDS_HUMAN,
    "SUPERSEDED": ExitCode.SUPERSEDED,
}


def watch(
    aws: Aws,
    controller: Controller,
    *,
    show: Show,
    interval_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> ExitCode:
    """Show the rollout in flight, or else the newest, again and again until it has ended.

    Args:
        aws: The clients.
        controller: Whose rollout.
        show: Gets each status.
        interval_seconds: Time between two reads.
        sleep: Waits.

    Returns:
        How it ended: OK for PROMOTED, else ROLLED_BACK, NEEDS_HUMAN or SUPERSEDED; FAILED for anything else.

    Raises:
        CliError: NOTHING_IN_FLIGHT when there has been no rollout; or AWS refuses the first read, or does not
            answer for several in a row.

    """
    rollout_id: str | None = None
    failures = 0
    while True:
        try:
            with one_line_errors():
                found = read_status(aws, controller, rollout_id=rollout_id)
        except CliError as error:
            failures += 1
            if rollout_id is None or error.code is not ExitCode.FAILED or failures >= _PATIENCE:
                raise
        else:
            failures = 0
            if found.rollout is None:
                raise CliError(f"no rollout of {controller.endpoint} yet", ExitCode.NOTHING_IN_FLIGHT)
            # Another one may start as soon as this one has ended.
            rollout_id = found.rollout.rollout_id
            show(found)
            if found.rollout.status != RUNNING:
                return _CODES.get(found.rollout.status, ExitCode.FAILED)
        sleep(interval_seconds)


@contextmanager
def display(console: Console, *, as_json: bool) -> Iterator[Show]:
    """Yield what shows a status: a table that is drawn anew, or lines where there is no terminal.

    Args:
        console: Where to.
        as_json: Print JSON, one line whenever something but the time has changed.

    """
    try:
        if console.is_terminal and not as_json:
            with Live(console=console, auto_refresh=False) as live:
                yield lambda status: live.update(status_table(status), refresh=True)
        else:
            yield _Lines(console, as_json=as_json)
    except KeyboardInterrupt:
        sys.stderr.write("stopped watching; the rollout goes on\n")
        raise


class _Lines:
    """Prints a line whenever something but the time has changed."""

    def __init__(self, console: Console, *, as_json: bool) -> None:
        self._console = console
        self._as_json = as_json
        self._seen = ""

    def __call__(self, status: Status) -> None:
        line = status_line(status)
        if line == self._seen:
            return
        self._seen = line
        if self._as_json:
            text = json.dumps(status.to_json())
        else:
            text = f"{clock_time(time.time())} {line}{time_left(status)}"
        self._console.print(text, soft_wrap=True, markup=False)
