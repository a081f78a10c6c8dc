"""The one clock of the local cloud: cloud time runs `scale` times as fast as real time."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_logger = logging.getLogger(__name__)


@dataclass(slots=True, order=True)
class Timer:
    """Something that is to happen later; `cancel` prevents it."""

    due: float
    number: int
    action: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Prevent the action if it has not begun."""
        self.cancelled = True


class CloudClock:
    """Tells cloud time and calls back at cloud times.

    Cloud time is `epoch0 + (real - epoch0) * scale`, in seconds since 1970.

    Args:
        scale: cloud seconds in a real second, above 0.
        epoch0: real time at which both agree; now by default.

    Example:
        clock = CloudClock(60)
        clock.after(300, update_has_finished)  # in five real seconds

    """

    def __init__(self, scale: float = 1.0, epoch0: float | None = None) -> None:
        if scale <= 0:
            raise ValueError(f"scale must be above 0, got {scale}")
        self.scale = scale
        self.epoch0 = epoch0 if epoch0 is not None else time.time()
        # Real time is read once: a wall clock that is set back must not turn cloud time back.
        self._offset = self.epoch0 + (time.time() - self.epoch0) * scale - time.monotonic() * scale
        self._timers: list[Timer] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def now(self) -> float:
        """Return cloud time in seconds since 1970."""
        return self._offset + time.monotonic() * self.scale

    def real(self, cloud_seconds: float) -> float:
        """Return how many real seconds a number of cloud seconds lasts."""
        return cloud_seconds / self.scale

    def after(self, cloud_seconds: float, action: Callable[[], object]) -> Timer:
        """Call `action` once, in a thread of the clock, when that much cloud time has passed.

        An action must not block: all of them share one thread. One that raises is logged.
        """
        with self._changed:
            timer = Timer(self.now() + max(0.0, cloud_seconds), next(self._numbers), action)
            heapq.heappush(self._timers, timer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cloud-clock", daemon=True)
                self._thread.start()
            self._changed.notify()
            return timer

    def _run(self) -> None:
        while True:
            timer = self._next_due()
            if timer.cancelled:
                continue
            try:
                timer.action()
            except Exception:
                _logger.exception("an action of the cloud clock failed")

    def _next_due(self) -> Timer:
        with self._changed:
            while True:
                if not self._timers:
                    self._changed.wait()
                    continue
                missing = self._timers[0].due - self.now()
                if missing <= 0 or self._timers[0].cancelled:
                    return heapq.heappop(self._timers)
                self._changed.wait(self.real(missing))
