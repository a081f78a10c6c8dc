"""Buildspecs.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from localcloud.errors import NotEmulated

PHASES: Final = ("install", "pre_build", "build", "post_build")
_RUNTIMES: Final = frozenset({"nodejs", "python"})


class BuildspecError(ValueError):
    """A buildspec that CodeBuild refuses; the message is its phase context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase.

    Attributes:
        name: install, pre_build, build or post_build.
        commands: run one after another, until one fails.
        finally_commands: run afterwards in any case.
        goes_on: whether later phases run after a failure.

    """

    name: str
    commands: tuple[str, ...]
    finally_commands: tuple[str, ...]
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Which files are an artifact.

    Attributes:
        files: patterns, relative to the base.
        base: base directory, relative to the source; empty for the source itself.
        exclude: patterns of files that are left out.
        discard_paths: whether all files lie at the top of the artifact.

    """

    files: tuple[str, ...]
    base: str
    exclude: tuple[str, ...]
    discard_paths: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Buildspec:
    """A buildspec.

    Attributes:
        shell: `sh` or `bash`.
        variables: environment variables.
        parameters: variable -> name of an SSM parameter.
        secrets: variable -> reference of a secret.
        exported: names of variables that later actions may use.
        phases: in order.
        primary: the primary artifact, None for none.
        secondary: further artifacts by identifier.

    """

    shell: str
    variables: Mapping[str, str]
    parameters: Mapping[str, str]
    secrets: Mapping[str, str]
    exported: tuple[str, ...]
    phases: tuple[Phase, ...]
    primary: Output | None
    secondary: Mapping[str, Output]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a buildspec in YAML or JSON.

        Raises:
            BuildspecError: it is none.
            NotEmulated: it asks for something that is not emulated.

        """
        try:
            document = YAML(typ="safe").load(text)
        except YAMLError as error:
            raise BuildspecError(f"YAML_FILE_ERROR: {error}") from error
        if not isinstance(document, Mapping) or "phases" not in document:
            raise BuildspecError("YAML_FILE_ERROR: the buildspec has no phases")
        _known("buildspec", document, {"version", "env", "phases", "artifacts", "cache"})
        if str(document.get("version")) != "0.2":
            raise NotEmulated(f"CodeBuild buildspec version {document.get('version')}")
        env = document.get("env") or {}
        known = {"shell", "variables", "parameter-store", "secrets-manager", "exported-variables"}
        _known("buildspec env", env, known)
        shell = env.get("shell", "sh")
        if shell not in ("sh", "bash", "/bin/sh", "/bin/bash"):
            raise NotEmulated(f"CodeBuild buildspec shell {shell}")
        _known("buildspec phases", document["phases"], set(PHASES))
        artifacts = document.get("artifacts") or {}
        return cls(
            shell=shell.rpartition("/")[2],
            variables=_texts(env.get("variables")),
            parameters=_texts(env.get("parameter-store")),
            secrets=_texts(env.get("secrets-manager")),
            exported=tuple(env.get("exported-variables") or ()),
            phases=tuple(_phase(name, document["phases"].get(name) or {}) for name in PHASES),
            primary=_output(artifacts) if "files" in artifacts else None,
            secondary={
                name: _output(each) for name, each in (artifacts.get("secondary-artifacts") or {}).items()
            },
        )


def _phase(name: str, document: Mapping[str, Any]) -> Phase:
    _known(f"buildspec phase {name}", document, {"commands", "finally", "on-failure", "runtime-versions"})
    unknown = sorted(set(document.get("runtime-versions") or {}) - _RUNTIMES)
    if unknown:
        raise NotEmulated(f"CodeBuild runtime-versions {unknown[0]}: the build image has python and nodejs")
    on_failure = document.get("on-failure", "")
    if on_failure not in ("", "ABORT", "CONTINUE"):
        raise NotEmulated(f"CodeBuild on-failure {on_failure}")
    return Phase(
        name=name,
        commands=_listed(document.get("commands")),
        finally_commands=_listed(document.get("finally")),
        goes_on=on_failure == "CONTINUE" or (not on_failure and name == "build"),
    )


def _output(document: Mapping[str, Any]) -> Output:
    known = {"files", "name", "base-directory", "discard-paths", "exclude-paths", "secondary-artifacts"}
    _known("buildspec artifacts", document, known)
    return Output(
        files=_listed(document.get("files")),
        base=str(document.get("base-directory") or ""),
        exclude=_listed(document.get("exclude-paths")),
        discard_paths=str(document.get("discard-paths", "no")).lower() in ("yes", "true"),
    )


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value)


def _texts(value: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): str(each) for name, each in (value or {}).items()}


def _known(where: str, document: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(document) - known)
    if unknown:
        raise NotEmulated(f"CodeBuild {where} {unknown[0]}")
