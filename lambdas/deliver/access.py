"""How a job gets to AWS: under the function's own role, and under that of the environment."""

from dataclasses import dataclass
from typing import Any, Protocol

from botocore.config import Config

from tidegate_runtime.adapters.aws import CONFIG
from tidegate_runtime.ports import Clock


class Clients(Protocol):
    """Makes clients of AWS's services."""

    def __call__(self, service: str, *, config: Config = CONFIG, region: str | None = None) -> Any:
        """Return a client; time-outs and region may differ from the usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a job gets to AWS.

    Attributes:
        own: Under the function's own role, where the pipeline is.
        there: Under the role of the environment that the request is about, in its region.
        clock: Tells the time.

    """

    own: Clients
    there: Clients
    clock: Clock
