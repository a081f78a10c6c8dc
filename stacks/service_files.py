"""Read a folder of service files, and refuse it with all faults at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from stacks.pydantic_faults import describe, did_you_mean
from stacks.service_file import Environment, ServiceFile
from stacks.yaml_source import BadFiles, YamlSource, plain, shown

ENVIRONMENTS_FILE: Final = "environments.yaml"

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One service in one environment.

    Attributes:
        service: The service.
        environment_name: Name of the environment.
        environment: Where it lies.

    """

    service: ServiceFile
    environment_name: str
    environment: Environment

    @property
    def name(self) -> str:
        """Name of the endpoint, of the model package group, and the beginning of the stacks' names."""
        return f"{self.service.service}-{self.environment_name}"

    @property
    def pointer_parameter(self) -> str:
        """Name of the SSM parameter with the live model package version."""
        return f"/tidegate/{self.environment_name}/{self.service.service}/live-model-package"


def load_deployments(folder: Path, *, only: str | None = None) -> tuple[Deployment, ...]:
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
    return _deployments([service for service in services if service is not None], environments, only)


def _deployments(
    services: Sequence[ServiceFile], environments: Mapping[str, Environment], only: str | None
) -> tuple[Deployment, ...]:
    return tuple(
        Deployment(service=service, environment_name=name, environment=environments[name])
        for service in services
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


def _service(path: Path, environments: Mapping[str, Environment], faults: list[str]) -> ServiceFile | None:
    source = _read(path, faults)
    if source is None:
        return None
    raw = plain(source.document)
    service = _validated(source, ServiceFile, raw, faults)
    faults += _cross_faults(source, raw, path.stem, list(environments))
    if service is not None:
        faults += _plan_faults(source, service)
        faults += [source.fault(place, message) for place, message in service.contradictions()]
    return service


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


def _plan_faults(source: YamlSource, service: ServiceFile) -> list[str]:
    try:
        service.rollout.plan()
    except ValueError as error:
        return [source.fault(["rollout"], str(error))]
    return []


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
