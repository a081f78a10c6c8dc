"""A test between variants that ends by itself."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from stacks.fields.values import Name, TopicArn
from stacks.part import Part


def _text(value: Any) -> Any:
    # YAML reads a bare time as one, and loses its zone.
    if not isinstance(value, str):
        raise PydanticCustomError("time", 'must be a time with its zone, in quotes: "2027-01-31T12:00:00Z"')
    return value


def _zoned(value: str) -> str:
    try:
        zoned = datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        zoned = False
    if not zoned:
        raise PydanticCustomError("time", "must be a time with its zone, like 2027-01-31T12:00:00Z")
    return value


Deadline = Annotated[
    str, BeforeValidator(_text), AfterValidator(_zoned), Field(json_schema_extra={"format": "date-time"})
]


class ABTestPart(Part):
    """Who is tested against whom, until when."""

    champion: Name
    deadline: Deadline
    variants: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    idle_hours: Annotated[float, Field(ge=1, le=10_920)] = 24
    topic: TopicArn | None = None

    def ends(self) -> datetime:
        """Return the deadline."""
        return datetime.fromisoformat(self.deadline)
