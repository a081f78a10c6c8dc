"""What serves the requests of a variant: one process, several, or one for each model."""

import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from localcloud.hosting.client import Answer

if TYPE_CHECKING:
    from localcloud.hosting.instance import Instance


@dataclass(slots=True, kw_only=True)
class Call:
    """One request to a host of several processes, and what it turned out to need.

    Attributes:
        target: the model archive, or the hostname of the container, that is asked for.
        headers: HTTP headers of the request, names in lower case.
        seconds: real seconds that each container took, by hostname in the order of the calls.
        loaded: whether the target model was loaded before; None when there is no such choice.
        load_seconds: real seconds that the request waited for its model.

    """

    target: str | None
    headers: Mapping[str, str]
    seconds: dict[str, float] = field(default_factory=dict)
    loaded: bool | None = None
    load_seconds: float = 0.0


class Host(ABC):
    """Something that takes requests until it is retired; safe to use from any thread, `invoke` excepted."""

    def __init__(self) -> None:
        self.instance_id: Final = f"i-{uuid.uuid4().hex[:17]}"
        self.outstanding = 0
        self._changed = threading.Condition()
        self._retired = False

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether it can answer."""

    @abstractmethod
    def parts(self) -> Sequence["Instance"]:
        """Return the processes."""

    @abstractmethod
    async def invoke(
        self, head: bytes, body: bytes, *, timeout_seconds: float, call: Call | None = None
    ) -> Answer:
        """Send one request; `call` is needed by hosts of several processes.

        Raises:
            InstanceUnreachable: there was no answer.
            InstanceTimeout: there was none in time.

        """

    def begin(self) -> bool:
        """Reserve the host for one request; False when it is being retired. `end` must follow."""
        with self._changed:
            if self._retired:
                return False
            self.outstanding += 1
            return True

    def end(self) -> None:
        """Give back what `begin` reserved."""
        with self._changed:
            self.outstanding -= 1
            self._changed.notify_all()

    def drain(self, *, timeout_seconds: float) -> None:
        """Take no more requests and let those in hand end. Blocks.

        Args:
            timeout_seconds: real seconds after which requests in hand are given up.

        """
        deadline = time.monotonic() + timeout_seconds
        with self._changed:
            self._retired = True
            while self.outstanding and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
