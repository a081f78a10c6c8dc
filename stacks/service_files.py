"""Read a folder of service files, and refuse it with all faults at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError

from stacks.fields.kinds import kind_of, sections
from stacks.pydantic_faults import describe, did_you_mean
from stacks.service_file import SECTIONS, Environment, Service
from stacks.yaml_source import BadFiles, YamlSource, plain, shown

ENVIRONMENTS_FILE: Final = "environments.yaml"

M = TypeVar("M", bound=BaseModel)
S = TypeVar("S", bound=Service)
T = TypeVar("T", bound=Service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(Generic[S]):
    """One service in one environment.

    Attributes:
        service: The service.
        environment_name: Name of the environment.
        environment: Where it lies.
        source: How messages call the file and the line of its hosting section.
        folder: Folder of the service file; other files that it names are relative to it.

    """

    service: S
    environment_name: str
    environment: Environment
    source: str
    folder: Path

    @property
    def name(self) -> str:
        """Name of the endpoint, of the model package group, and the beginning of the stacks' names."""
        return f"{self.service.service}-{self.environment_name}"

    @property
    def pointer_parameter(self) -> str:
        """Name of the SSM parameter with the live model package version."""
        return f"/tidegate/{self.environment_name}/{self.service.service}/live-model-package"

    def of(self, kind: type[T]) -> "Deployment[T]":
        """Return this deployment as one of a service of this kind.

        Raises:
            TypeError: the service is of another kind.

        """
        if not isinstance(self.service, kind):
            raise TypeError(f"{self.name} must be a {kind.__name__}, got {type(self.service).__name__}")
        return cast("Deployment[T]", self)


def load_deployments(folder: Path, *, only: str | None = None) -> tuple[Deployment[Service], ...]:
    """Read every service file of a folder, and the environments beside them.

    Args:
        folder: Folder with `environments.yaml` and one `<service>.yaml` each.
        only: Name of the environment to deploy; every one that a service lists when None.

    Raises:
        BadFiles: naming every fault of every file, one a line: file, line, field, allowed, found.

    """
    if not folder.is_dir():
        raise BadFiles([f"{shown(folder)}: no such folder"])
    faults: list[str] = []
    environments = _environments(folder / ENVIRONMENTS_FILE, faults)
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != ENVIRONMENTS_FILE)
    if not paths:
        faults.append(f"{shown(folder)}: no service file (*.yaml) in this folder")
    services = [_service(path, environments, faults) for path in paths]
    if only is not None and not faults and only not in environments:
        hint = did_you_mean(only, list(environments))
        faults.append(f"{shown(folder / ENVIRONMENTS_FILE)}: unknown environment {only!r}{hint}")
    if faults:
        raise BadFiles(faults)
    return _deployments(folder, [service for service in services if service is not None], environments, only)


def _deployments(
    folder: Path,
    services: Sequence[tuple[str, Service]],
    environments: Mapping[str, Environment],
    only: str | None,
) -> tuple[Deployment[Service], ...]:
    return tuple(
        Deployment(
            service=service,
            environment_name=name,
            environment=environments[name],
            source=source,
            folder=folder,
        )
        for source, service in services
        for name in service.environments
        if only is None or name == only
    )


def _environments(path: Path, faults: list[str]) -> dict[str, Environment]:
    source = _read(path, faults)
    if source is None:
        return {}
    return {
        str(name): environment
        for name, raw in plain(source.document).items()
        if (environment := _validated(source, Environment, raw, faults, below=(str(name),))) is not None
    }


def _service(
    path: Path, environments: Mapping[str, Environment], faults: list[str]
) -> tuple[str, Service] | None:
    source = _read(path, faults)
    if source is None:
        return None
    raw = plain(source.document)
    service = _validated(source, kind_of(raw), raw, faults)
    faults += _section_faults(source, raw)
    faults += _cross_faults(source, raw, path.stem, list(environments))
    if service is None or not sections(raw):
        return None
    faults += [source.fault(place, message) for place, message in service.contradictions()]
    faults += _sample_faults([path.parent / name for name in service.beside()])
    section = sections(raw)[0]
    return f"{source.name}:{source.line([section])}: {section}", service


def _sample_faults(paths: Sequence[Path]) -> list[str]:
    if not paths:
        return []
    # Imported only when it is asked for: most services name no samples.
    from stacks.samples import sample_faults

    return [fault for path in paths for fault in sample_faults(path)]


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


def _validated(
    source: YamlSource, kind: type[M], raw: object, faults: list[str], *, below: tuple[str, ...] = ()
) -> M | None:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        faults += describe(source, error, kind=kind, below=below)
        return None


def _read(path: Path, faults: list[str]) -> YamlSource | None:
    try:
        return YamlSource.read(path)
    except BadFiles as bad:
        faults += bad.faults
        return None
