"""Two functions that run at the same time: they alternate call by call, as drawn."""

import threading
from collections.abc import Callable, Sequence
from typing import Any


class Alternation:
    """Lets `other` run beside the function that begins it; each bit of `turns` is one call's decision.

    A set bit hands over to the other one before the call is made. Only one of the two runs at any instant, so
    a schedule gives the same every time. `nested` names attributes that each of the two has for itself.

    Example:
        alternation = Alternation(chaos.tick, turns=0b1011, nested=[(faults, "acting")])
        alternation.begin()

    """

    def __init__(
        self, other: Callable[[], None], *, turns: int, nested: Sequence[tuple[object, str]] = ()
    ) -> None:
        self._other, self._turns, self._nested = other, turns, nested
        self._here, self._there = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._is_over = False
        self._error: BaseException | None = None

    def begin(self) -> None:
        """Start the other one, and go on when it hands over or is over."""
        self._thread.start()
        self._hand_over(self._there, self._here)

    def turn(self) -> None:
        """Decide before a call who goes on."""
        self._turns, bit = self._turns >> 1, self._turns & 1
        if not bit or self._is_over:
            return
        if threading.current_thread() is self._thread:
            self._hand_over(self._here, self._there)
        else:
            self._hand_over(self._there, self._here)

    def finish(self) -> None:
        """Let the other one come to its end; what it raised is raised here."""
        if threading.current_thread() is self._thread:
            return
        while not self._is_over:
            self._hand_over(self._there, self._here)
        self._thread.join()
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _run(self) -> None:
        self._there.acquire()
        try:
            self._other()
        except BaseException as error:  # noqa: BLE001  (raised again in `finish`)
            self._error = error
        finally:
            self._is_over = True
            self._here.release()

    def _hand_over(self, to: threading.Semaphore, back: threading.Semaphore) -> None:
        own: list[Any] = [getattr(thing, name) for thing, name in self._nested]
        to.release()
        back.acquire()
        for (thing, name), value in zip(self._nested, own, strict=True):
            setattr(thing, name, value)
