"""The file `environments.yaml`: where environments lie, the pipeline to them, and who may do what there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stacks.reading import read, validated
from stacks.service_file import Environment
from stacks.yaml_source import YamlSource, plain

if TYPE_CHECKING:
    from stacks.fields.delivery import DeliveryPart
    from stacks.fields.people import PeoplePart

ENVIRONMENTS_FILE: Final = "environments.yaml"
DELIVERY: Final = "delivery"
PEOPLE: Final = "people"
SECTIONS: Final = (DELIVERY, PEOPLE)
"""The keys that are no environments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentsFile:
    """What the file says, as far as it could be read.

    Attributes:
        source: The file; None when it could not be read.
        environments: Its environments by name.
        delivery: The pipeline; None when there is no such section, or when it is faulty.
        people: The permissions of people; None likewise.

    """

    source: YamlSource | None = None
    environments: Mapping[str, Environment] = field(default_factory=dict)
    delivery: "DeliveryPart | None" = None
    people: "PeoplePart | None" = None

    @classmethod
    def read(cls, path: Path, faults: list[str]) -> "EnvironmentsFile":
        """Read the file, and add its faults to `faults`."""
        source = read(path, faults)
        if source is None:
            return cls()
        raw = plain(source.document)
        environments = {
            str(name): environment
            for name, one in raw.items()
            if name not in SECTIONS
            and (environment := validated(source, Environment, one, faults, below=(str(name),))) is not None
        }
        return cls(
            source=source,
            environments=environments,
            delivery=_delivery(source, raw, faults),
            people=_people(source, raw, faults),
        )


def _delivery(source: YamlSource, raw: Mapping[str, object], faults: list[str]) -> "DeliveryPart | None":
    if DELIVERY not in raw:
        return None
    # Imported only when it is asked for: it brings what CDK Pipelines needs.
    from stacks.fields.delivery import DeliveryPart

    return validated(source, DeliveryPart, raw[DELIVERY], faults, below=(DELIVERY,))


def _people(source: YamlSource, raw: Mapping[str, object], faults: list[str]) -> "PeoplePart | None":
    if PEOPLE not in raw:
        return None
    from stacks.fields.people import PeoplePart

    return validated(source, PeoplePart, raw[PEOPLE], faults, below=(PEOPLE,))
