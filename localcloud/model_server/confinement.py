"""What a model process may not do: outlive its parent, or use up the machine."""

import ctypes
import os
import resource
import signal
import sys
import threading
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_OPEN_FILES: Final = 512


def limit_resources(*, memory_bytes: int) -> None:
    """Bound address space and open files, and write no core dump.

    Args:
        memory_bytes: largest address space, in bytes.

    """
    wanted = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in wanted.items():
        hard = resource.getrlimit(limit)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (bound, bound))


def end_with_parent() -> None:
    """End this process when its parent does, however the parent ends.

    The parent holds the other end of standard input: its closing is noticed everywhere. Linux also sends a
    signal, which ends a process whose model code never lets another thread run.
    """
    threading.Thread(target=_wait_for_end_of_input, name="parent-watch", daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait_for_end_of_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)
