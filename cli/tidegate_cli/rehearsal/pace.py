"""When the next request is due: a steady rate that does not wait for answers."""

import threading
import time
from collections.abc import Callable
from typing import Final

_TOO_LATE_SECONDS: Final = 1.0


class Pace:
    """Hands out due times to threads, and ends after a time or a count.

    A request that is more than a second late is not sent but counted: catching up would come as a burst.

    Args:
        rate: Requests a second.
        max_seconds: When to end.
        max_requests: After how many requests to end.
        clock: Monotonic seconds.

    """

    def __init__(
        self,
        *,
        rate: float,
        max_seconds: float,
        max_requests: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = 1 / rate
        self._clock = clock
        self._begin = clock()
        self._end = self._begin + max_seconds
        self._max_requests = max_requests
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._slot = 0
        self._sent = 0
        self.skipped = 0
        """Requests that were never sent because they were too late."""

    def stop(self) -> None:
        """Let every waiting and every later `wait` return False."""
        self._stopped.set()

    def wait(self) -> bool:
        """Wait until a request is due; False when there is nothing left to send."""
        due = self._next()
        if due is None:
            return False
        return not self._stopped.wait(max(0.0, due - self._clock()))

    def _next(self) -> float | None:
        with self._lock:
            now = self._clock()
            late = int((now - _TOO_LATE_SECONDS - self._begin) / self._interval) - self._slot
            if late > 0:
                self._slot += late
                self.skipped += late
            due = self._begin + self._slot * self._interval
            if self._stopped.is_set() or due >= self._end or self._sent >= self._max_requests:
                return None
            self._slot += 1
            self._sent += 1
            return due
