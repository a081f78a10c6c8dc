"""The folder of service files that a rehearsal deploys from: a copy of the user's, then with changes."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.cdk import ENVIRONMENT

BROKEN_ENVIRONMENT: Final[Mapping[str, str]] = {"DIGITS_DTYPE": "flaot32"}
"""A typing error in a container's environment: the model server cannot load the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCopy:
    """One service in a folder of its own.

    Attributes:
        folder: The folder, with the service file and environments.yaml.
        service: Name of the service.
        instances: How many instances serve.

    """

    folder: Path
    service: str
    instances: int

    @property
    def endpoint(self) -> str:
        """Name of the endpoint, and of the model package group."""
        return f"{self.service}-{ENVIRONMENT}"

    def stack(self, kind: str) -> str:
        """Return the name of the `foundation`, `controller` or `hosting` stack."""
        return f"{self.endpoint}-{kind}"


def copy_service(source: Path, folder: Path) -> ServiceCopy:
    """Copy a service file, the environments beside it, and the folder of the samples that it names.

    Raises:
        CliError: a file is missing, or the service cannot be rehearsed.

    """
    environments = source.parent / "environments.yaml"
    if not source.is_file():
        raise CliError(f"no such file: {source}")
    if not environments.is_file():
        raise CliError(f"no such file: {environments}: a service file lies beside its environments")
    folder.mkdir(parents=True)
    shutil.copy(source, folder / source.name)
    shutil.copy(environments, folder / environments.name)
    samples = _samples_folder(source)
    if samples is not None and (source.parent / samples).is_dir():
        shutil.copytree(source.parent / samples, folder / samples)
    return _described(folder / source.name)


def _samples_folder(source: Path) -> Path | None:
    """Return the folder of the samples, relative to the service file; None without one below it."""
    from ruamel.yaml.error import YAMLError

    try:
        samples = Path(str(_yaml().load(source)["rollout"]["samples"])).parent
    except (YAMLError, KeyError, TypeError):
        return None
    return None if samples == Path() or samples.is_absolute() or ".." in samples.parts else samples


def with_instances(copy: ServiceCopy, folder: Path, *, instances: int) -> ServiceCopy:
    """Copy a service once more, with another number of instances, and return the new copy."""

    def change(document: Any) -> None:
        document["endpoint"]["instances"] = instances
        scaling = document["endpoint"].get("scaling")
        if scaling is not None:
            scaling["min"] = instances
            scaling["max"] = max(instances, scaling["max"])

    return _changed(copy, folder, change)


def with_broken_environment(copy: ServiceCopy, folder: Path) -> ServiceCopy:
    """Copy a service once more, with a container environment in which its model cannot load."""

    def change(document: Any) -> None:
        document.setdefault("model", {})["environment"] = dict(BROKEN_ENVIRONMENT)

    return _changed(copy, folder, change)


def _changed(copy: ServiceCopy, folder: Path, change: Any) -> ServiceCopy:
    shutil.copytree(copy.folder, folder)
    file = next(path for path in folder.glob("*.yaml") if path.name != "environments.yaml")
    yaml = _yaml()
    document = yaml.load(file)
    change(document)
    with file.open("w") as stream:
        yaml.dump(document, stream)
    return _described(file)


def _described(file: Path) -> ServiceCopy:
    from ruamel.yaml.error import YAMLError

    try:
        document = _yaml().load(file)
        service, environments = str(document["service"]), list(document["environments"])
        rolled_out = "rollout" in document
        # Without a rollout there is perhaps no endpoint with instances.
        instances = int(document["endpoint"]["instances"]) if rolled_out else 0
    except (YAMLError, KeyError, TypeError, ValueError) as error:
        raise CliError(f"{file.name} cannot be rehearsed: {type(error).__name__}: {error}") from error
    if ENVIRONMENT not in environments:
        raise CliError(f"{file.name} must list the environment {ENVIRONMENT!r}, lists {environments}")
    if not rolled_out:
        raise CliError(f"{file.name} cannot be rehearsed: it has no rollout, and a deploy changes it at once")
    return ServiceCopy(folder=file.parent, service=service, instances=instances)


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    return yaml
