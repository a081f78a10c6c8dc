"""The folder that a rehearsal works in."""

import shutil
import tempfile
from pathlib import Path
from typing import Self

from rich.console import Console

from tidegate_cli.failures import CliError, Interrupted


class WorkFolder:
    """A folder that goes away after a rehearsal that passed, or that the user interrupted.

    After a failure it stays if there are logs, which say why; so does a folder that the user named.

    Args:
        keep: The user's folder, empty or absent; a temporary one when None.
        console: Gets the path of a folder that stays.

    Raises:
        CliError: the user's folder is not empty, or cannot be made.

    """

    def __init__(self, *, keep: Path | None, console: Console) -> None:
        self._named = keep is not None
        self._console = console
        self.passed = False
        """Whether the rehearsal ended as it should; set by whoever knows."""
        self.path = Path(tempfile.mkdtemp(prefix="tidegate-rehearsal-")) if keep is None else _empty(keep)
        """The folder."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._named:
            return
        interrupted = kind is not None and issubclass(kind, Interrupted)
        if self.passed or interrupted or not any(self.path.glob("*.log")):
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            self._console.print(f"logs are kept in {self.path}", markup=False, soft_wrap=True)


def _empty(keep: Path) -> Path:
    folder = keep.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CliError(f"--keep: {keep} cannot be a folder: {error.strerror}") from error
    if any(folder.iterdir()):
        raise CliError(f"--keep needs an empty folder, {keep} is not")
    return folder
