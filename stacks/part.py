"""The base of everything that a service file says."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all parts: frozen, no unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
