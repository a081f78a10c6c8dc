"""The workers of a serverless variant: each serves one request at a time and ends when it has been idle.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (cold starts, concurrency,
Provisioned Concurrency)
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from localcloud.clock import CloudClock
from localcloud.hosting.engine import ContainerSpec, HostingEngine, Launch
from localcloud.hosting.host import Host

_IDLE_SECONDS: Final = 600.0
_LOOK_SECONDS: Final = 60.0


class TooManyRequests(Exception):
    """As many requests as the endpoint may serve at once are in hand already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """How many requests a serverless variant may serve at once.

    Attributes:
        memory_mb: memory of a worker; recorded.
        maximum: requests at once.
        provisioned: workers kept warm; 0 by default.

    """

    memory_mb: int
    maximum: int
    provisioned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A worker reserved for one request; `Instance.end` must follow.

    Attributes:
        instance: the worker.
        setup_seconds: real seconds of the cold start, None when the worker was warm.
        busy: requests in hand, this one included.
        limits: the limits at that time.

    """

    instance: Host
    setup_seconds: float | None
    busy: int
    limits: Concurrency


class WorkerPool:
    """Workers of one serverless variant; safe to use from any thread, but `take` is for an event loop.

    Args:
        engine: starts and ends the processes.
        clock: the cloud clock.
        spec: what a worker runs.
        limits: how many requests at once.
        started: workers that run already; those beyond the provisioned ones end at once.
        idle_seconds: cloud seconds without a request after which a worker ends; AWS does not publish it.

    """

    def __init__(
        self,
        engine: HostingEngine,
        clock: CloudClock,
        spec: ContainerSpec,
        limits: Concurrency,
        *,
        started: Sequence[Host] = (),
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self.limits = limits
        self._engine = engine
        self._clock = clock
        self._spec = spec
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._used = {instance: clock.now() for instance in started[: limits.provisioned]}
        self._starting = 0
        self._closed = False
        engine.retire(started[limits.provisioned :])
        self._clock.after(_LOOK_SECONDS, self._look)

    def running(self) -> int:
        """Return the number of workers that run."""
        with self._lock:
            return sum(instance.alive for instance in self._used)

    async def take(self) -> Taken | None:
        """Reserve a worker, a new one when every other is busy; None when the variant is being replaced.

        Raises:
            TooManyRequests: MaxConcurrency requests are in hand.
            LaunchFailed: the new worker did not come up.

        """
        began = time.perf_counter()
        with self._lock:
            if self._closed:
                return None
            busy = self._busy() + 1
            if busy > self.limits.maximum:
                raise TooManyRequests(f"{self.limits.maximum} requests are in hand")
            free = next(
                (each for each in self._used if not each.outstanding and each.alive and each.begin()), None
            )
            if free is not None:
                self._used[free] = self._clock.now()
                return Taken(instance=free, setup_seconds=None, busy=busy, limits=self.limits)
            self._starting += 1
        try:
            (instance,) = await asyncio.wrap_future(self._engine.launch(self._spec, count=1))
            instance.begin()
            self._add(instance)
        finally:
            with self._lock:
                self._starting -= 1
        seconds = time.perf_counter() - began
        return Taken(instance=instance, setup_seconds=seconds, busy=busy, limits=self.limits)

    def resize(self, limits: Concurrency) -> None:
        """Change the limits, and start the provisioned workers that are missing."""
        self.limits = limits
        self._provision()

    def retire(self) -> None:
        """Take no more requests; workers end after the one in hand."""
        with self._lock:
            self._closed = True
            workers = list(self._used)
        self._engine.retire(workers)

    def _busy(self) -> int:
        return self._starting + sum(instance.outstanding > 0 for instance in self._used)

    def _add(self, instance: Host) -> None:
        with self._lock:
            self._used[instance] = self._clock.now()
            closed = self._closed
        if closed:
            self._engine.retire([instance])

    def _look(self) -> None:
        """End what has been idle, and keep the provisioned ones up."""
        now = self._clock.now()
        with self._lock:
            if self._closed:
                return
            for instance in [each for each in self._used if not each.alive]:
                del self._used[instance]
            idle = [
                instance
                for instance, used in list(self._used.items())[self.limits.provisioned :]
                if not instance.outstanding and now - used >= self._idle_seconds
            ]
            for instance in idle:
                del self._used[instance]
        self._engine.retire(idle)
        self._provision()
        self._clock.after(_LOOK_SECONDS, self._look)

    def _provision(self) -> None:
        with self._lock:
            missing = (
                0 if self._closed else max(0, self.limits.provisioned - len(self._used) - self._starting)
            )
            self._starting += missing
        if missing:
            self._engine.launch(self._spec, count=missing).add_done_callback(
                lambda launch: self._provisioned(launch, missing)
            )

    def _provisioned(self, launch: Launch, count: int) -> None:
        if launch.exception() is None:
            for instance in launch.result():
                self._add(instance)
        with self._lock:
            self._starting -= count
