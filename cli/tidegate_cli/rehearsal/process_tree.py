"""All processes below this one, found and ended. Complete on Linux; elsewhere process groups do the work."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_SET_CHILD_SUBREAPER: Final = 36
_PROC: Final = Path("/proc")


def adopt_orphans() -> None:
    """Become the parent of any descendant whose own parent dies, so that none can slip away."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(root: int | None = None) -> set[int]:
    """Return the ids of all living processes below `root`, this process by default; zombies do not count."""
    parents = _parents()
    found: set[int] = set()
    frontier = {os.getpid() if root is None else root}
    while frontier:
        frontier = {child for child, parent in parents.items() if parent in frontier} - found
        found |= frontier
    return found


def end_all(processes: Iterable[int], *, grace_seconds: float) -> set[int]:
    """Ask processes to end, then make them; return the ids of those that still live.

    Args:
        processes: Process ids.
        grace_seconds: How long they may take to end by themselves.

    """
    wanted = set(processes)
    _send(wanted, signal.SIGTERM)
    left = _wait(wanted, grace_seconds)
    _send(left, signal.SIGKILL)
    return _wait(left, 2.0)


def _send(processes: set[int], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def _wait(processes: set[int], seconds: float) -> set[int]:
    deadline = time.monotonic() + seconds
    left = processes
    while left and time.monotonic() < deadline:
        _reap(left)
        left = {process for process in left if _lives(process)}
        time.sleep(0.02 if left else 0)
    return {process for process in left if _lives(process)}


def _reap(processes: set[int]) -> None:
    for process in processes:
        try:
            os.waitpid(process, os.WNOHANG)
        except ChildProcessError:
            continue


def _lives(process: int) -> bool:
    if _PROC.is_dir():
        return _stat(process) is not None
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _parents() -> dict[int, int]:
    if not _PROC.is_dir():
        return {}
    ids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return {process: parent for process in ids if (parent := _stat(process)) is not None}


def _stat(process: int) -> int | None:
    """Return the parent of a living process; None for a zombie and for one that is gone."""
    try:
        text = (_PROC / str(process) / "stat").read_text()
    except OSError:
        return None
    # The name in parentheses may itself hold parentheses and spaces.
    state, parent = text.rpartition(")")[2].split()[:2]
    return None if state in "ZX" else int(parent)
