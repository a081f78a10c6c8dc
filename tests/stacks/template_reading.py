"""Read templates in tests: resources by type, statements of policies, state machines as JSON."""

import json
from collections.abc import Iterator
from typing import Any


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: found for name, found in template["Resources"].items() if found["Type"] == kind}


def properties(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [found["Properties"] for found in resources(template, kind).values()]


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, found in resources(template, "AWS::IAM::ManagedPolicy").items():
        for statement in found["Properties"]["PolicyDocument"]["Statement"]:
            yield name, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def stages_of(template: dict[str, Any], pipeline: str = "tidegate") -> dict[str, list[dict[str, Any]]]:
    """Return the actions of a pipeline by the names of their stages."""
    (found,) = [one for one in properties(template, "AWS::CodePipeline::Pipeline") if one["Name"] == pipeline]
    return {stage["Name"]: stage["Actions"] for stage in found["Stages"]}


def machine(template: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [
        one
        for one in properties(template, "AWS::StepFunctions::StateMachine")
        if one["StateMachineName"] == name
    ]
    return dict(json.loads(flat(found["DefinitionString"])))


def flat(value: Any) -> str:
    """Flatten Fn::Join, Ref and Fn::GetAtt into placeholders like ${Name.Arn}."""
    if isinstance(value, str):
        return value
    (function, arguments), *_ = value.items()
    if function == "Fn::Join":
        return str(arguments[0]).join(map(flat, arguments[1]))
    return f"${{{'.'.join(arguments) if isinstance(arguments, list) else arguments}}}"
