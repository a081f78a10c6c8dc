"""Read a folder of service files, and refuse it with all faults at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.deployment import Delivered, Deployment
from stacks.environments_file import ENVIRONMENTS_FILE, EnvironmentsFile
from stacks.fields.kinds import UndecidedService, kind_of
from stacks.pydantic_faults import did_you_mean
from stacks.reading import read, validated
from stacks.region_rules import region_faults
from stacks.service_file import SECTIONS, Environment, Service
from stacks.unknown import each, itself, rule, unknown
from stacks.yaml_source import BadFiles, Place, YamlSource, plain, shown

if TYPE_CHECKING:
    from stacks.fields.delivery import DeliveryPart
    from stacks.fields.people import PeoplePart


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFile:
    """A service, and the file that it was read from."""

    source: YamlSource
    service: Service

    @property
    def label(self) -> str:
        """How messages call the file and the line of its hosting section."""
        section = self.service.SECTION
        return f"{self.source.name}:{self.source.line([section])}: {section}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of service files without faults.

    Attributes:
        deployments: Every service in every environment that it lists.
        delivery: The pipeline; None when there is none, or when one environment was asked for.
        at: Where the pipeline lies.
        people: The permissions of people; None when there are none, or when one environment was asked for.
        environments: Every environment by name.

    """

    deployments: tuple[Deployment[Service], ...]
    delivery: "DeliveryPart | None" = None
    at: Environment | None = None
    people: "PeoplePart | None" = None
    environments: Mapping[str, Environment] = field(default_factory=dict)


def load_deployments(folder: Path, *, only: str | None = None) -> tuple[Deployment[Service], ...]:
    """Read every service file of a folder, and the environments beside them; return the deployments.

    Args:
        folder: Folder with `environments.yaml` and one `<service>.yaml` each.
        only: Name of the environment to deploy; every one that a service lists when None.

    Raises:
        BadFiles: naming every fault of every file, one a line: file, line, field, allowed, found.

    """
    return load_folder(folder, only=only).deployments


def load_folder(folder: Path, *, only: str | None = None) -> Folder:
    """Read every service file of a folder, the environments beside them, and the pipeline.

    Args:
        folder: Folder with `environments.yaml` and one `<service>.yaml` each.
        only: Name of the environment to deploy, without a pipeline; everything when None.

    Raises:
        BadFiles: naming every fault of every file, one a line: file, line, field, allowed, found.

    """
    if not folder.is_dir():
        raise BadFiles([f"{shown(folder)}: no such folder"])
    faults: list[str] = []
    around = EnvironmentsFile.read(folder / ENVIRONMENTS_FILE, faults)
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != ENVIRONMENTS_FILE)
    faults += [
        f"{shown(path)}: must end in .yaml, or it is not read" for path in sorted(folder.glob("*.yml"))
    ]
    if not paths:
        faults.append(f"{shown(folder)}: no service file (*.yaml) in this folder")
    services = [_service(path, around.environments, faults) for path in paths]
    faults += _whole_faults(folder, around, services, only)
    if faults:
        raise BadFiles(list(dict.fromkeys(faults)))
    return Folder(
        deployments=_deployments(folder, services, around, only),
        delivery=around.delivery if only is None else None,
        at=around.environments[around.delivery.at] if around.delivery is not None else None,
        people=around.people if only is None else None,
        environments=around.environments,
    )


def _whole_faults(
    folder: Path, around: EnvironmentsFile, services: Sequence[ServiceFile], only: str | None
) -> list[str]:
    """Return what only all files together show to be wrong."""
    faults = list(_only_fault(folder / ENVIRONMENTS_FILE, around.environments, only))
    if around.delivery is not None:
        # Imported only when it is asked for: most folders have no pipeline.
        from stacks.delivery_rules import delivery_faults

        faults += delivery_faults(around.source, around.delivery, around.environments, services)
    if around.people is not None:
        from stacks.people_rules import people_faults

        known = [one.service for one in services]
        faults += people_faults(around.source, around.people, around.environments, known)
    return faults


@rule
def _only_fault(path: Path, environments: Mapping[str, Environment], only: str | None) -> Iterator[str]:
    if only is not None and only not in environments:
        yield f"{shown(path)}: unknown environment {only!r}{did_you_mean(only, environments)}"


def _deployments(
    folder: Path,
    services: Sequence[ServiceFile],
    around: EnvironmentsFile,
    only: str | None,
) -> tuple[Deployment[Service], ...]:
    return tuple(
        Deployment(
            service=one.service,
            environment_name=name,
            environment=around.environments[name],
            source=one.label,
            folder=folder,
            delivered=_delivered(around, name),
        )
        for one in services
        for name in one.service.environments
        if only is None or name == only
    )


def _delivered(around: EnvironmentsFile, environment: str) -> Delivered | None:
    delivery = around.delivery
    if delivery is None or environment not in delivery.environments:
        return None
    at = around.environments[delivery.at]
    return Delivered(
        pipeline=delivery, account=at.account, region=at.region, environments=around.environments
    )


def _service(path: Path, environments: Mapping[str, Environment], faults: list[str]) -> ServiceFile:
    source = read(path, faults)
    if source is None:
        return ServiceFile(source=unknown(), service=unknown())
    raw = plain(source.document)
    one = ServiceFile(source=source, service=validated(source, kind_of(raw), raw, faults))
    for place, why in _own_faults(one.service, path.stem, environments):
        faults.append(source.fault(place, why))
    faults += _sample_faults(path.parent, one.service)
    faults += _validation_faults(path.parent, one.service)
    faults += region_faults(source, raw, one.service, environments)
    return one


def _own_faults(
    service: Service, stem: str, environments: Mapping[str, Environment]
) -> Iterator[tuple[Place, str]]:
    yield from _named_wrongly(service, stem)
    yield from _undecided(service)
    yield from _environment_faults(service, environments)
    yield from _contradictions(service)


@rule
def _undecided(service: Service) -> Iterator[tuple[Place, str]]:
    if isinstance(service, UndecidedService) and not service.meant:
        yield [], f"must have one hosting section: {', '.join(SECTIONS)}"


@rule
def _contradictions(service: Service) -> Iterator[tuple[Place, str]]:
    if not isinstance(service, UndecidedService):
        yield from service.contradictions()


@rule
def _sample_faults(folder: Path, service: Service) -> Iterator[str]:
    for name in service.beside():
        # Imported only when it is asked for: most services name no samples.
        from stacks.samples import sample_faults

        yield from sample_faults(folder / name)


@rule
def _validation_faults(folder: Path, service: Service) -> Iterator[str]:
    for gate in service.gates():
        from stacks.validation_file import validation_faults

        yield from validation_faults(folder, gate)


@rule
def _named_wrongly(service: Service, stem: str) -> Iterator[tuple[Place, str]]:
    if service.service != stem:
        yield ["service"], f"must be the file's name ({stem}), got {service.service!r}"


@rule
def _environment_faults(
    service: Service, environments: Mapping[str, Environment]
) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for index, name in each(service.environments, itself):
        if name not in environments:
            message = f"unknown environment {name!r}{did_you_mean(name, environments)}"
            yield ["environments", index], message
        elif name in seen:
            yield ["environments", index], f"must be listed once, got {name!r} again"
        seen.add(name)
