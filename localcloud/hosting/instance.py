"""One instance: a model process, the connections to it and the requests it has in hand."""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

from localcloud.hosting.client import Answer, ConnectionPool
from localcloud.hosting.host import Call, Host

_TAIL_LINES: Final = 40
_TERMINATION_SECONDS: Final = 2.0


class Instance(Host):
    """A running model process; safe to use from any thread, except `invoke`, which is for an event loop.

    Args:
        process: the child, leader of its own process group, with pipes on stdin and on its output.
        port: where it listens on 127.0.0.1.

    """

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        super().__init__()
        self.port: Final = port
        self._process = process
        self._pool = ConnectionPool(port)
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._reader = threading.Thread(target=self._read_output, name=self.instance_id, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def parts(self) -> Sequence["Instance"]:
        """Return the process itself."""
        return (self,)

    async def invoke(
        self, head: bytes, body: bytes, *, timeout_seconds: float, call: Call | None = None
    ) -> Answer:
        """Send one request to the process; see `ConnectionPool.request`."""
        del call  # there is one process to ask
        return await self._pool.request(head, body, timeout_seconds=timeout_seconds)

    def retire(self, *, timeout_seconds: float) -> None:
        """Take no more requests, let those in hand end, then end the process. Blocks.

        Args:
            timeout_seconds: real seconds after which requests in hand are given up.

        """
        self.drain(timeout_seconds=timeout_seconds)
        self.kill()

    def kill(self) -> None:
        """End the process and whatever it started, now; a second time does nothing."""
        with self._changed:
            self._retired = True
        self._pool.close()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_TERMINATION_SECONDS)

    def last_words(self) -> str:
        """Return the end of what the process wrote on standard output and error."""
        if not self.alive:
            self._reader.join(1.0)
        return "\n".join(self._tail)

    def _read_output(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        with self._process.stdout as stream:
            for line in stream:
                self._tail.append(line.decode(errors="replace").rstrip())
