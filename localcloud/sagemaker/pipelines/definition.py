"""A pipeline's definition, read and checked.

Source: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final, Self

from localcloud.errors import NotEmulated
from localcloud.sagemaker.names import invalid
from localcloud.sagemaker.pipelines.expressions import references

VERSION: Final = "2020-12-01"

_TOP: Final = ("Version", "Metadata", "Parameters", "Steps")
_STEP: Final = ("Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description")
_KINDS: Final = ("Model", "RegisterModel", "Training")
_TYPES: Final = {"String": str, "Integer": int, "Float": float, "Boolean": bool}
_OF_EXECUTION: Final = (
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "StartDateTime",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter: its type, its default value or None, and the values that are allowed, if listed."""

    name: str
    type: str
    default: Any = None
    allowed: Sequence[Any] = ()

    def read(self, text: str) -> Any:
        """Return the value that an execution is started with.

        Raises:
            AwsError: ValidationException, when it is not of the type, or not one of those allowed.

        """
        try:
            value = _read(self.type, text)
        except ValueError:
            raise invalid(f"Parameter [{self.name}] must be of type {self.type}, got {text!r}") from None
        if self.allowed and value not in self.allowed:
            raise invalid(f"Parameter [{self.name}] must be one of {list(self.allowed)}, got {text!r}")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step: what it is, what it does, and the steps that must have succeeded before."""

    name: str
    type: str
    arguments: Mapping[str, Any]
    after: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A definition.

    Attributes:
        text: as it was given.
        parameters: by name.
        steps: each after those that it depends on.

    """

    text: str
    parameters: Mapping[str, Parameter]
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a definition.

        Raises:
            AwsError: ValidationException, with what was wrong.
            NotEmulated: for other steps than Training, RegisterModel and Model, other members or functions.

        """
        document = _document(text)
        parameters = {each.name: each for each in map(_parameter, document.get("Parameters", []))}
        steps = _steps(document.get("Steps", []))
        for step in steps:
            for path in references(step.arguments):
                _check_reference(path, parameters, {each.name for each in steps})
        return cls(text=text, parameters=parameters, steps=_ordered(steps))

    def values(self, given: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Return the value of each parameter of an execution.

        Raises:
            AwsError: ValidationException, for one that is unknown, missing or malformed.

        """
        texts = {each["Name"]: each["Value"] for each in given}
        unknown = sorted(set(texts) - set(self.parameters))
        if unknown:
            raise invalid(f"Parameters {unknown} are not defined in the pipeline definition")
        found = {
            name: parameter.read(texts[name]) if name in texts else parameter.default
            for name, parameter in self.parameters.items()
        }
        missing = sorted(name for name, value in found.items() if value is None)
        if missing:
            raise invalid(f"Parameters {missing} have no default value and must be given")
        return found


def _document(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise invalid(f"Unable to parse pipeline definition: {error}") from error
    if not isinstance(document, dict):
        raise invalid("Unable to parse pipeline definition: it must be a JSON object")
    if document.get("Version") != VERSION:
        raise NotEmulated(f"SageMaker pipeline definition of version {document.get('Version')!r}")
    _require(document, _TOP, "pipeline definition")
    return document


def _require(members: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for name, value in members.items():
        if name not in known and value not in (None, {}, []):
            raise NotEmulated(f"SageMaker {where}: {name}")


def _parameter(raw: Mapping[str, Any]) -> Parameter:
    name, kind = raw.get("Name"), raw.get("Type")
    _require(raw, ("Name", "Type", "DefaultValue", "EnumValues"), "pipeline parameter")
    if not name or kind not in _TYPES:
        raise invalid(
            f"Unable to parse pipeline definition: a parameter needs Name and Type, got {dict(raw)}"
        )
    return Parameter(
        name=str(name),
        type=str(kind),
        default=raw.get("DefaultValue"),
        allowed=tuple(raw.get("EnumValues", ())),
    )


def _read(kind: str, text: str) -> Any:
    if kind == "Boolean":
        return {"true": True, "false": False}[text.lower()] if text.lower() in ("true", "false") else int("x")
    return _TYPES[kind](text)


def _steps(raws: Any) -> list[Step]:
    if not isinstance(raws, list) or not raws:
        raise invalid("Unable to parse pipeline definition: Steps must have at least one step")
    names = [str(raw.get("Name")) for raw in raws]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise invalid(f"Unable to parse pipeline definition: step names must be unique, got {twice} twice")
    return [_one_step(raw, names) for raw in raws]


def _one_step(raw: Mapping[str, Any], names: Sequence[str]) -> Step:
    name, kind = str(raw.get("Name")), raw.get("Type")
    if kind not in _KINDS:
        raise NotEmulated(f"SageMaker pipeline step {name} of type {kind}")
    _require(raw, _STEP, f"pipeline step {name}")
    arguments = raw.get("Arguments")
    if not isinstance(arguments, dict):
        raise invalid(f"Unable to parse pipeline definition: step {name} needs Arguments")
    after = {*map(str, raw.get("DependsOn", [])), *_used(arguments)}
    unknown = sorted(after - set(names))
    if unknown:
        raise invalid(f"Unable to parse pipeline definition: step {name} depends on {unknown}: no such step")
    return Step(name=name, type=kind, arguments=arguments, after=frozenset(after))


def _used(arguments: Mapping[str, Any]) -> Iterator[str]:
    for path in references(arguments):
        if path[0] == "Steps" and len(path) > 1:
            yield str(path[1])


def _check_reference(path: Sequence[Any], parameters: Mapping[str, Parameter], steps: set[str]) -> None:
    known: Mapping[str, Any] = {"Parameters": parameters, "Execution": _OF_EXECUTION, "Steps": steps}
    first, *rest = path
    if first not in known or not rest or rest[0] not in known[first]:
        told = ".".join(map(str, path))
        raise invalid(f"Unable to parse pipeline definition. Invalid property reference '{told}'")


def _ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    by_name = {step.name: step for step in steps}
    try:
        order = TopologicalSorter({step.name: step.after for step in steps}).static_order()
        return tuple(by_name[name] for name in order)
    except CycleError as error:
        circle = " after ".join(error.args[1])
        raise invalid(
            f"Unable to parse pipeline definition: the steps depend on each other: {circle}"
        ) from None
