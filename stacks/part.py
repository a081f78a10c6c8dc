"""The base of everything that a service file says."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all parts: frozen, no unknown fields, no silent conversions.

    `REFUSED` names fields of other kinds of inference that a user may try here, with the reason against each.
    """

    REFUSED: ClassVar[Mapping[str, str]] = MappingProxyType({})

    # Built as a part of the whole, and not once more by itself: that takes a third of the time to import.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    @classmethod
    def why_not(cls, name: str) -> str | None:
        """Return why there is no field `name` here; None when nobody would look for one."""
        return cls.REFUSED.get(name)
