"""A step in which candidate and live compete for a reward."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from stacks.fields.values import Text
from stacks.part import Part
from tidegate import Contest

_WEEK: int = 7 * 24 * 60
_HOUR: float = 60


class ContestPart(Part):
    """A reward, how traffic follows it, and who stays in doubt."""

    metric: Text
    namespace: Annotated[str, Field(min_length=1, json_schema_extra={"pattern": "^(?!AWS/)"})]
    better: Literal["more", "fewer"] = "more"
    alpha: Annotated[float, Field(gt=0, le=0.5)] | None = None
    floor_percent: Annotated[int, Field(ge=1, le=49)] | None = None
    reweigh_minutes: Annotated[float, Field(ge=5)] | None = None
    reward_delay_minutes: Annotated[float, Field(ge=0, le=_WEEK)] = 0
    on_no_difference: Literal["roll_back", "promote", "needs_human"] = "roll_back"

    @field_validator("namespace")
    @classmethod
    def _own(cls, value: str) -> str:
        if value.startswith("AWS/"):
            raise PydanticCustomError("namespace", "must be one of your own: AWS publishes no rewards")
        return value

    @field_validator("reweigh_minutes")
    @classmethod
    def _of_a_bandit(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and info.data.get("floor_percent", 1) is None:
            raise PydanticCustomError("bandit", "needs floor_percent: only a bandit changes the split")
        return value

    @field_validator("reward_delay_minutes")
    @classmethod
    def _within_a_split(cls, value: float, info: ValidationInfo) -> float:
        reweigh = info.data.get("reweigh_minutes")
        shortest = reweigh if reweigh is not None else _HOUR
        if info.data.get("floor_percent") is not None and value >= shortest:
            message = "must be below reweigh_minutes ({shortest}), or no reward of any split counts"
            raise PydanticCustomError("delay", message, {"shortest": f"{shortest:g}"})
        return value

    def contest(self) -> Contest:
        """Return the contest for the library."""
        return Contest(**{name: getattr(self, name) for name in type(self).model_fields})
