"""The base of everything that a service file says."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from stacks.unknown import Unknown


class Part(BaseModel):
    """Base of all parts: frozen, no unknown fields, no silent conversions.

    `REFUSED` names fields of other kinds of inference that a user may try here, with the reason against each.
    """

    REFUSED: ClassVar[Mapping[str, str]] = MappingProxyType({})

    # Built as a part of the whole, and not once more by itself: that takes a third of the time to import.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)

    @classmethod
    def why_not(cls, name: str) -> str | None:
        """Return why there is no field `name` here; None when nobody would look for one."""
        return cls.REFUSED.get(name)

    def says(self, name: str) -> bool:
        """Tell whether the file says something in a field, right or wrong."""
        return name in self.model_fields_set and self.__dict__.get(name, Unknown) is not None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say of a field that is not there that its value is not known: the file is wrong there."""
            if name in type(self).model_fields:
                raise Unknown(name)
            return super().__getattr__(name)
