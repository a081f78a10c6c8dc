"""What an endpoint is like when nothing is under way."""

from dataclasses import dataclass
from typing import Final

from tests.e2e.scaling import Scaling

TRACKED: Final = {"policies": ["invocations"], "schedules": [], "alarms": [], "bounds": (1, 4)}
"""The scaling of `live` as most service files of the proofs declare it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What callers, the registry's pointer and the scaler see of an endpoint at rest.

    Attributes:
        version: The version that answers, alone.
        colour: The container's environment variable that deploys change.
        package: The live pointer, and what the stack has deployed.
        instances: Instances of `live`.
        scaling: What scales it.

    """

    version: str
    colour: str
    package: str
    instances: int
    scaling: Scaling
