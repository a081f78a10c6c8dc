"""Live traffic from a few threads, bounded in rate and time."""

import threading
import time
from collections import Counter
from types import TracebackType
from typing import Any, Final, Self

from botocore.exceptions import ClientError

from tidegate_cli.rehearsal.clients import LocalAws

_THREADS: Final = 4
_LONGEST_SECONDS: Final = 600.0


class Traffic:
    """Asks the endpoint while inside the context, and counts the answers: `OK`, or the error's code.

    What is `OK` is also counted by the variant that said it, in `answered_by`.

    Args:
        aws: Clients of the local cloud.
        endpoint: Whom to ask.
        variant: The one variant that is asked; the weights decide by default.
        rate: Requests a second.
        failing: Whether the requests are such that the model fails on them.

    """

    def __init__(
        self,
        aws: LocalAws,
        endpoint: str,
        *,
        variant: str | None = None,
        rate: float = 120.0,
        failing: bool = False,
    ) -> None:
        self._client, self._pause = aws.runtime, _THREADS / rate
        self._target = {"EndpointName": endpoint} | ({"TargetVariant": variant} if variant else {})
        self._body = b'{"fail": true}' if failing else b"{}"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send) for _ in range(_THREADS)]
        self.answers: Counter[str] = Counter()
        self.answered_by: Counter[str] = Counter()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        deadline = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < deadline and not self._stop.wait(self._pause):
            answer, variant = self._ask()
            with self._lock:
                self.answers[answer] += 1
                self.answered_by[variant] += 1 if variant else 0

    def _ask(self) -> tuple[str, str]:
        asked: Any = {**self._target, "ContentType": "application/json", "Body": self._body}
        try:
            answer = self._client.invoke_endpoint(**asked)
        except ClientError as error:
            return error.response["Error"]["Code"], ""
        return "OK", answer["InvokedProductionVariant"]
