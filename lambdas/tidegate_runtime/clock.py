"""The system's clock behind the `Clock` port."""

import math
import time


class SystemClock:
    """Tells the time by `time.time()`, and by nothing else."""

    def now(self) -> float:
        """Return the time in seconds since 1970, UTC."""
        return time.time()


def next_boundary(now: float, *, bucket_seconds: int) -> int:
    """Return the first bucket boundary at or after `now`, in seconds since 1970."""
    return math.ceil(now / bucket_seconds) * bucket_seconds


def utc(at: float) -> str:
    """Return seconds since 1970 as a person reads them, for example `2026-11-21 05:14:00Z`."""
    return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(at))
