"""A training script at work: its process, what it says, and how it ends."""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_TAIL_LINES: Final = 40
_MOST_LINES: Final = 100_000


class Script:
    """A process in a group of its own; `start` and `wait` belong to one thread, `kill` to any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self.lines: deque[str] = deque(maxlen=_MOST_LINES)

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, *, timeout_seconds: float
    ) -> int | None:
        """Run a command to its end.

        Args:
            command: what to run.
            environment: all that it sees.
            folder: where it works.
            timeout_seconds: real seconds after which it is killed.

        Returns:
            Its exit status; None when it was killed, by `kill` or for lasting too long.

        """
        with self._lock:
            if self._killed:
                return None
            self._process = process = _open(command, environment, folder)
        timer = threading.Timer(timeout_seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            # The thread that starts the process lasts as long as it does: see PR_SET_PDEATHSIG.
            assert process.stdout is not None  # noqa: S101 - it was started with a pipe
            for line in process.stdout:
                self.lines.append(line.decode(errors="replace").rstrip())
            status = process.wait()
        finally:
            timer.cancel()
            _close(process)
        return None if self._killed else status

    def kill(self) -> None:
        """End the process and whatever it started, now; one that was not started is never started."""
        with self._lock:
            self._killed = True
            process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def last_words(self) -> str:
        """Return the end of what it wrote on standard output and error."""
        return "\n".join(list(self.lines)[-_TAIL_LINES:])


def _open(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    )


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
