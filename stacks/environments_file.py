"""The file `environments.yaml`: where environments lie, the pipeline to them, and who may do what there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stacks.fields.values import is_environment_name
from stacks.pydantic_faults import meant
from stacks.reading import read, validated
from stacks.service_file import Environment
from stacks.unknown import unknown
from stacks.yaml_source import YamlSource, plain

if TYPE_CHECKING:
    from stacks.fields.delivery import DeliveryPart
    from stacks.fields.people import PeoplePart

ENVIRONMENTS_FILE: Final = "environments.yaml"
DELIVERY: Final = "delivery"
PEOPLE: Final = "people"
SECTIONS: Final = (DELIVERY, PEOPLE)
"""The keys that are no environments."""

_NAME: Final = "must be lower-case letters, digits and single inner hyphens, at most 24 characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentsFile:
    """What the file says, as far as it could be read.

    Attributes:
        source: The file; not known when it could not be read, nor is anything else then.
        environments: Its environments by name.
        delivery: The pipeline; None when there is no such section.
        people: The permissions of people; None when there is no such section.

    """

    source: YamlSource = field(default_factory=unknown)
    environments: Mapping[str, Environment] = field(default_factory=unknown)
    delivery: "DeliveryPart | None" = None
    people: "PeoplePart | None" = None

    @classmethod
    def read(cls, path: Path, faults: list[str]) -> "EnvironmentsFile":
        """Read the file, and add its faults to `faults`."""
        source = read(path, faults)
        if source is None:
            return cls()
        raw = plain(source.document)
        slips = dict(_slips(raw))
        faults += [
            source.fault([name], f"is no environment; did you mean the section {section!r}?")
            for name, section in slips.items()
        ]
        named = {str(name): one for name, one in raw.items() if name not in (*SECTIONS, *slips)}
        faults += [source.fault([name], _NAME) for name in named if not is_environment_name(name)]
        if not named:
            faults.append(source.fault([], "must have an environment"))
        return cls(
            source=source,
            environments=_environments(source, named, faults) if named else unknown(),
            delivery=unknown() if DELIVERY in slips.values() else _delivery(source, raw, faults),
            people=unknown() if PEOPLE in slips.values() else _people(source, raw, faults),
        )


def _slips(raw: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what is called nearly as a section and has no field of an environment."""
    for name, one in raw.items():
        section = meant(str(name), SECTIONS)
        is_environment = isinstance(one, Mapping) and not one.keys().isdisjoint(Environment.model_fields)
        if section in SECTIONS and section not in raw and not is_environment:
            yield name, section


def _environments(
    source: YamlSource, named: Mapping[str, object], faults: list[str]
) -> Mapping[str, Environment]:
    return {name: validated(source, Environment, one, faults, below=(name,)) for name, one in named.items()}


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
