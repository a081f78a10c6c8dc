"""The environments that versions are promoted into, as the function's environment tells them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tidegate_runtime.errors import PlanInvalid

_REQUIRED = ("PIPELINE", "START_GROUP", "PLACES")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A model package group that gets versions from another one.

    Attributes:
        group: The group.
        source: The group that its versions are made from.
        role: ARN of the role that may decide about its versions.
        region: Its region.

    """

    group: str
    source: str
    role: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one service's delivery is called.

    Attributes:
        pipeline: Name of the pipeline that promotes its versions.
        start_group: Group whose approvals start it.
        places: The groups that it promotes into, in the order of promotion.

    """

    pipeline: str
    start_group: str
    places: tuple[Place, ...]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            PlanInvalid: naming every variable that is missing.

        """
        missing = [name for name in _REQUIRED if not environ.get(name)]
        if missing:
            raise PlanInvalid(f"environment variables missing: {', '.join(missing)}")
        return cls(
            pipeline=environ["PIPELINE"],
            start_group=environ["START_GROUP"],
            places=tuple(Place(**raw) for raw in json.loads(environ["PLACES"])),
        )
