"""The questions put to a served model, and what came back."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from localcloud.hosting import Instance, LaunchFailed
from tidegate_cli.check_model.contract import PING_SECONDS
from tidegate_cli.check_model.observations import Asked, Trial
from tidegate_cli.check_model.serving import NoAnswer, Server, invoke, peak_memory_bytes, ping
from tidegate_runtime.samples import Sample

_PINGS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Puts samples to a model.

    Attributes:
        server: Starts processes.
        now: A clock in seconds.
        request_seconds: How long to wait for an answer.
        concurrency: How many requests to send at the same time.

    """

    server: Server
    now: Callable[[], float]
    request_seconds: float
    concurrency: int

    def examine(self, samples: Sequence[Sample]) -> Trial:
        """Start a process, ask everything, then a second process everything that was answered.

        Raises:
            LaunchFailed: the first process does not start.

        """
        began = self.now()
        instance = self.server.start()
        start_seconds = self.now() - began
        pings = tuple(_ping(instance) for _ in range(_PINGS))
        instance, alone = self._one_after_the_other(instance, samples)
        good = [asked.sample for asked in alone if asked.answer is not None]
        together = self._together(instance, good)
        peak = peak_memory_bytes(instance)
        instance.kill()
        fresh, trouble = self._from_a_fresh_process(good)
        return Trial(
            start_seconds=start_seconds,
            pings=pings,
            alone=alone,
            together=together,
            fresh=fresh,
            fresh_trouble=trouble,
            peak_bytes=peak,
        )

    def _one_after_the_other(
        self, instance: Instance, samples: Sequence[Sample]
    ) -> tuple[Instance, tuple[Asked, ...]]:
        """Ask each sample; a process that ended or hangs is replaced, so that it spoils no other answer."""
        found: list[Asked] = []
        for sample in samples:
            found.append(self._ask(instance, sample, self.request_seconds))
            if found[-1].answer is None:
                instance.kill()
                instance = self.server.start()
        return instance, tuple(found)

    def _together(self, instance: Instance, samples: Sequence[Sample]) -> tuple[Asked, ...]:
        if not samples or self.concurrency < 2:
            return ()
        # The local model server answers one at a time: the last one waits for all others.
        patience = self.request_seconds * self.concurrency
        with ThreadPoolExecutor(self.concurrency) as pool:
            wanted = islice(cycle(samples), self.concurrency)
            try:
                return tuple(pool.map(lambda sample: self._ask(instance, sample, patience), wanted))
            except BaseException:
                # Leaving the pool waits for its threads, and these wait for the process.
                instance.kill()
                raise

    def _from_a_fresh_process(self, samples: Sequence[Sample]) -> tuple[tuple[Asked, ...], str]:
        if not samples:
            return (), ""
        try:
            instance = self.server.start()
            instance, asked = self._one_after_the_other(instance, samples)
        except LaunchFailed as error:
            return (), last_line(str(error))
        instance.kill()
        return asked, ""

    def _ask(self, instance: Instance, sample: Sample, patience: float) -> Asked:
        try:
            return Asked(sample=sample, answer=invoke(instance, sample, timeout_seconds=patience))
        except NoAnswer as error:
            return Asked(sample=sample, trouble=str(error), late=error.late)


def last_line(text: str) -> str:
    """Return the last line that says something: of a traceback, the error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _ping(instance: Instance) -> float | None:
    try:
        return ping(instance, timeout_seconds=PING_SECONDS)
    except NoAnswer:
        return None
