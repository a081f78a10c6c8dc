"""Read a folder of service files, and refuse it with all faults at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.deployment import Delivered, Deployment
from stacks.environments_file import ENVIRONMENTS_FILE, EnvironmentsFile
from stacks.fields.kinds import kind_of, sections
from stacks.pydantic_faults import did_you_mean
from stacks.reading import read, validated
from stacks.region_rules import region_faults
from stacks.service_file import SECTIONS, Environment, Service
from stacks.yaml_source import BadFiles, YamlSource, plain, shown

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
    if not paths:
        faults.append(f"{shown(folder)}: no service file (*.yaml) in this folder")
    services = [one for path in paths if (one := _service(path, around.environments, faults)) is not None]
    if not faults:
        faults += _whole_faults(folder, around, services, only)
    if faults:
        raise BadFiles(faults)
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
    faults = []
    if only is not None and only not in around.environments:
        hint = did_you_mean(only, list(around.environments))
        faults.append(f"{shown(folder / ENVIRONMENTS_FILE)}: unknown environment {only!r}{hint}")
    if around.delivery is not None and around.source is not None:
        # Imported only when it is asked for: most folders have no pipeline.
        from stacks.delivery_rules import delivery_faults

        faults += delivery_faults(around.source, around.delivery, around.environments, services)
    if around.people is not None and around.source is not None:
        from stacks.people_rules import people_faults

        known = [one.service for one in services]
        faults += people_faults(around.source, around.people, around.environments, known)
    return faults


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


def _service(path: Path, environments: Mapping[str, Environment], faults: list[str]) -> ServiceFile | None:
    source = read(path, faults)
    if source is None:
        return None
    raw = plain(source.document)
    service = validated(source, kind_of(raw), raw, faults)
    faults += _section_faults(source, raw)
    faults += _cross_faults(source, raw, path.stem, list(environments))
    if service is None or not sections(raw):
        return None
    faults += [source.fault(place, message) for place, message in service.contradictions()]
    faults += _sample_faults([path.parent / name for name in service.beside()])
    faults += _validation_faults(
        [(path.parent / name, metric) for name, metric in service.validation_files()]
    )
    lies_in = {name: environments[name] for name in service.environments if name in environments}
    faults += region_faults(source, raw, lies_in)
    return ServiceFile(source=source, service=service)


def _sample_faults(paths: Sequence[Path]) -> list[str]:
    if not paths:
        return []
    # Imported only when it is asked for: most services name no samples.
    from stacks.samples import sample_faults

    return [fault for path in paths for fault in sample_faults(path)]


def _validation_faults(sets: Sequence[tuple[Path, str]]) -> list[str]:
    if not sets:
        return []
    from stacks.validation_file import validation_faults

    return [fault for path, metric in sets for fault in validation_faults(path, metric)]


def _section_faults(source: YamlSource, raw: Mapping[str, object]) -> list[str]:
    found = sections(raw)
    if not found:
        return [source.fault([], f"must have one hosting section: {', '.join(SECTIONS)}")]
    return []


def _cross_faults(source: YamlSource, raw: Mapping[str, object], stem: str, known: list[str]) -> list[str]:
    faults = []
    name, environments = raw.get("service"), raw.get("environments")
    listed = environments if isinstance(environments, list) else []
    if isinstance(name, str) and name != stem:
        faults.append(source.fault(["service"], f"must be the file's name ({stem}), got {name!r}"))
    for index, environment in enumerate(listed):
        if environment not in known:
            hint = did_you_mean(environment, known)
            faults.append(source.fault(["environments", index], f"unknown environment {environment!r}{hint}"))
        elif environment in listed[:index]:
            faults.append(
                source.fault(["environments", index], f"must be listed once, got {environment!r} again")
            )
    return faults
