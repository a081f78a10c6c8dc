"""The one accelerated clock of the local cloud."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

_logger: Final = logging.getLogger(__name__)


class Scheduled:
    """A call that is due later. `cancel` prevents it unless it has begun."""

    __slots__ = ("_fn",)

    def __init__(self, fn: Callable[[], object]) -> None:
        self._fn: Callable[[], object] | None = fn

    def cancel(self) -> None:
        """Drop the call; calling this twice, or too late, does nothing."""
        self._fn = None

    def run(self) -> None:
        """Make the call unless it was cancelled. What it raises is logged."""
        fn, self._fn = self._fn, None
        if fn is None:
            return
        try:
            fn()
        except Exception:
            _logger.exception("a scheduled call failed")


class CloudClock:
    """Cloud time: `epoch0 + (real - epoch0) * scale`, in epoch seconds; safe to use from any thread.

    Args:
        scale: cloud seconds in a real second, more than 0.
        epoch0: real epoch seconds at which both times are equal; now by default.

    Raises:
        ValueError: when the scale is not more than 0.

    Example:
        clock = CloudClock(scale=60.0)
        clock.after(300, lambda: print("five cloud minutes later"))

    """

    def __init__(self, scale: float, epoch0: float | None = None) -> None:
        if not scale > 0:
            raise ValueError(f"scale must be more than 0, got {scale}")
        self.scale: Final = float(scale)
        self.epoch0: Final = time.time() if epoch0 is None else float(epoch0)
        self._due: list[tuple[float, int, Scheduled]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def now(self) -> float:
        """Return cloud time in epoch seconds."""
        return self.cloud_time(time.time())

    def cloud_time(self, real: float) -> float:
        """Return the cloud time at a real time, both in epoch seconds."""
        return self.epoch0 + (real - self.epoch0) * self.scale

    def real(self, cloud_seconds: float) -> float:
        """Return the real seconds that some cloud seconds last."""
        return cloud_seconds / self.scale

    def after(self, cloud_seconds: float, fn: Callable[[], object]) -> Scheduled:
        """Call `fn` once, some cloud seconds from now, on the clock's own thread.

        All calls share that thread: one that takes long delays the others.

        Args:
            cloud_seconds: how long to wait; 0 or less means at once.
            fn: what to call; what it returns is dropped, what it raises is logged.

        Returns:
            A handle that can be cancelled.

        """
        scheduled = Scheduled(fn)
        due = time.monotonic() + max(0.0, self.real(cloud_seconds))
        with self._changed:
            if not self._closed:
                heapq.heappush(self._due, (due, next(self._order), scheduled))
                self._start()
                self._changed.notify()
        return scheduled

    def close(self) -> None:
        """Drop every call that is not due yet and end the thread; a second time does nothing."""
        with self._changed:
            self._closed = True
            self._due.clear()
            self._changed.notify()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="cloud-clock", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (scheduled := self._next()) is not None:
            scheduled.run()

    def _next(self) -> Scheduled | None:
        with self._changed:
            while not self._closed:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None
