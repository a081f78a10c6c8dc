"""Runs one build's shell, and ends it with everything it started when its parent is gone or says so.

A script of its own: it is started with `python -I supervisor.py SHELL SCRIPT PROGRESS` and imports nothing
of this project. Standard input closes when the local cloud ends, however it ends.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the shell; return its exit status."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    threading.Thread(target=_end_with_parent, args=(child.pid,), daemon=True).start()
    status = child.wait()
    _end(child.pid)
    return status


def _end_with_parent(group: int) -> None:
    while os.read(0, 1024):
        pass
    _end(group)


def _end(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
