"""Which properties of the live variants a deploy keeps as they are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

if TYPE_CHECKING:
    from tidegate import VariantProperty

Kept = Annotated[
    tuple[Literal["instances", "weights", "data-capture"], ...], Field(strict=False, max_length=3)
]
_PROPERTIES: Final = {
    "instances": "DESIRED_INSTANCE_COUNT",
    "weights": "DESIRED_WEIGHT",
    "data-capture": "DATA_CAPTURE_CONFIG",
}


def retained(names: Sequence[str] | None) -> "list[VariantProperty] | None":
    """Return the properties for the library; None for the library's own choice."""
    if names is None:
        return None
    from tidegate import VariantProperty

    return [VariantProperty[_PROPERTIES[name]] for name in names]
