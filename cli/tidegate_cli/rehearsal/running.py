"""What every rehearsal does around its story: refuse what cannot end well, say errors in a line, clean up."""

import errno
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from tidegate_cli.failures import CliError, Interrupted
from tidegate_cli.operator.session import one_line_errors
from tidegate_cli.rehearsal.checkout import Checkout, check_disk, check_port
from tidegate_cli.rehearsal.processes import signals_interrupt
from tidegate_cli.rehearsal.work_folder import WorkFolder

_NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)


def run(
    play: Callable[[Checkout, WorkFolder], int],
    *,
    keep: Path | None,
    port: int,
    outputs: Mapping[str, Path | None],
    console: Console,
) -> int:
    """Run a rehearsal; return its exit status.

    Args:
        play: The rehearsal itself.
        keep: Folder to work in and to keep; a temporary one that is removed when None.
        port: Port of the local cloud.
        outputs: Files that are written in the end, by the option that names each.
        console: Gets the path of a folder that stays.

    """
    try:
        with signals_interrupt(), full_disk_in_one_line(), one_line_errors():
            checkout = Checkout.find()
            check_port(port)
            for option, path in outputs.items():
                check_output(option, path)
            with WorkFolder(keep=keep, console=console) as work:
                check_disk(work.path)
                return play(checkout, work)
    except CliError as error:
        sys.stderr.write(f"tidegate: {error}\n")
        return int(error.code)
    except Interrupted as error:
        sys.stderr.write("tidegate: interrupted; every process that the rehearsal started has ended\n")
        return 128 + error.signal_number


def check_output(option: str, path: Path | None) -> None:
    """Refuse a file that could not be written in the end; its folder is made.

    Raises:
        CliError: naming the option, the file and the reason.

    """
    if path is None:
        return
    if path.is_dir():
        raise CliError(f"{option} needs a file, {path} is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise CliError(f"{option}: {path} cannot be written: {error.strerror}") from error


@contextmanager
def full_disk_in_one_line() -> Iterator[None]:
    """Tell of a full disk in a line.

    Raises:
        CliError: the disk is full, with the file.

    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise CliError(f"disk full: {error.filename or 'a file'} could not be written") from error
