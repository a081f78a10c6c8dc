"""Processes that a rehearsal starts, and its promise that none outlives it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, Self

from tidegate_cli.failures import CliError, Interrupted
from tidegate_cli.rehearsal.process_tree import adopt_orphans, descendants, end_all

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE_SECONDS: Final = 8.0


class Processes:
    """Starts children in groups of their own, and ends each with everything below it.

    Use as a context: on leaving it, for whatever reason, no child is left.

    Args:
        environment: Environment of every child.
        cwd: Working folder of every child.

    """

    def __init__(self, *, environment: Mapping[str, str], cwd: Path) -> None:
        self.environment = dict(environment)
        self._cwd = cwd
        self._children: list[subprocess.Popen[str]] = []
        self._before: set[int] = set()

    def __enter__(self) -> Self:
        adopt_orphans()
        self._before = descendants()
        return self

    def __exit__(self, *_: object) -> None:
        with signals_ignored():
            self._end_all()

    def start(self, command: Sequence[str], *, log: Path) -> subprocess.Popen[str]:
        """Start a child with pipes for its input and output; its errors go to `log`."""
        with log.open("a") as errors:
            child = subprocess.Popen(  # noqa: S603 - our own commands
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self.environment,
                cwd=self._cwd,
                text=True,
                start_new_session=True,
            )
        self._children.append(child)
        return child

    def begin(self, command: Sequence[str], *, log: Path) -> "subprocess.Popen[str]":
        """Start a child without input, with all its output in `log`."""
        with log.open("a") as output:
            child = subprocess.Popen(  # noqa: S603 - our own commands
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self._cwd,
                text=True,
                start_new_session=True,
            )
        self._children.append(child)
        return child

    def run(self, command: Sequence[str], *, log: Path, timeout_seconds: float) -> int:
        """Run a child to its end with all its output in `log`; return its exit status.

        Raises:
            CliError: it takes longer than `timeout_seconds`; it is ended first.

        """
        child = self.begin(command, log=log)
        try:
            return child.wait(timeout_seconds)
        except subprocess.TimeoutExpired as error:
            self.end(child)
            raise CliError(f"{Path(command[0]).name} took longer than {timeout_seconds:.0f} s") from error

    def end(self, child: "subprocess.Popen[str]", *, grace_seconds: float = _GRACE_SECONDS) -> None:
        """End a child and everything below it, gently first: closed input, then signals."""
        below = descendants(child.pid)
        if child.stdin is not None:
            _close(child)
            _wait(child, grace_seconds)
        if child.poll() is None:
            child.terminate()
            _wait(child, grace_seconds)
        _signal_group(child.pid, signal.SIGKILL)
        child.wait()
        end_all(below, grace_seconds=2.0)

    def _end_all(self) -> None:
        for child in reversed(self._children):
            if child.poll() is None:
                self.end(child)
            for pipe in (child.stdin, child.stdout):
                if pipe is not None and not pipe.closed:
                    pipe.close()
        left = end_all(descendants() - self._before, grace_seconds=2.0)
        if left:
            raise CliError(f"processes left behind: {sorted(left)}")


def _close(child: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(BrokenPipeError):
        if child.stdin is not None:
            child.stdin.close()


def _wait(child: "subprocess.Popen[str]", seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and SIGHUP into `Interrupted` while inside."""

    def interrupt(number: int, _: FrameType | None) -> None:
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Let nothing interrupt the clean-up: a second Ctrl-C would leave processes behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
