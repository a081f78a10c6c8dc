"""What a pipeline's structure must satisfy, and what of it is not emulated.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from localcloud.codepipeline.definition import PARALLEL, SUPERSEDED, Declaration
from localcloud.errors import AwsError, NotEmulated

_REGION: Final = "us-east-1"
# Kind -> configuration: keys that must be there, keys that may.
_CONFIGURATION: Final[Mapping[tuple[str, str], tuple[frozenset[str], frozenset[str]]]] = {
    ("Source", "S3"): (frozenset({"S3Bucket", "S3ObjectKey"}), frozenset({"PollForSourceChanges"})),
    ("Build", "CodeBuild"): (
        frozenset({"ProjectName"}),
        frozenset({"PrimarySource", "EnvironmentVariables"}),
    ),
    ("Test", "CodeBuild"): (frozenset({"ProjectName"}), frozenset({"PrimarySource", "EnvironmentVariables"})),
    ("Deploy", "CloudFormation"): (
        frozenset({"ActionMode", "StackName"}),
        frozenset(
            {
                "Capabilities",
                "ChangeSetName",
                "OutputFileName",
                "ParameterOverrides",
                "RoleArn",
                "TemplateConfiguration",
                "TemplatePath",
            }
        ),
    ),
    ("Approval", "Manual"): (
        frozenset(),
        frozenset({"CustomData", "ExternalEntityLink", "NotificationArn"}),
    ),
    ("Invoke", "Lambda"): (frozenset({"FunctionName"}), frozenset({"UserParameters"})),
}


def check(declaration: Declaration) -> None:
    """Refuse a structure that CodePipeline refuses, and one that the local cloud does not run.

    Raises:
        AwsError: InvalidStructureException, InvalidStageDeclarationException or
            InvalidActionDeclarationException.
        NotEmulated: something in it is not emulated.

    """
    _check_pipeline(declaration)
    stages = declaration["stages"]
    if len(stages) < 2:
        raise _structure(f"Pipeline has {len(stages)} stage(s). There must be a minimum of 2 stages.")
    _refuse_twice("stage", (stage["name"] for stage in stages))
    for index, stage in enumerate(stages):
        _check_stage(stage, first=index == 0, mode=declaration.get("executionMode", SUPERSEDED))
    _check_artifacts(stages)
    _refuse_twice("namespace", (each["namespace"] for each in _actions(stages) if each.get("namespace")))


def _check_pipeline(declaration: Declaration) -> None:
    stores = declaration.get("artifactStores", {})
    if ("artifactStore" in declaration) == bool(stores):
        raise _structure("A pipeline has either artifactStore or artifactStores.")
    if stores and set(stores) != {_REGION}:
        raise NotEmulated(f"CodePipeline artifactStores of other regions: {', '.join(sorted(stores))}")
    if declaration.get("triggers"):
        raise NotEmulated("CodePipeline triggers of code connections")
    if declaration.get("pipelineType", "V1") == "V1":
        for name, plain in (("executionMode", SUPERSEDED), ("variables", [])):
            if declaration.get(name, plain) != plain:
                raise _structure(f"{name} requires pipelineType V2.")


def _check_stage(stage: Mapping[str, Any], *, first: bool, mode: str) -> None:
    name = stage["name"]
    if not stage["actions"]:
        raise AwsError("InvalidStageDeclarationException", f"Stage {name} must have at least one action.")
    for unknown in ("blockers", "beforeEntry", "onSuccess"):
        if stage.get(unknown):
            raise NotEmulated(f"CodePipeline {unknown} of a stage")
    _check_failure(stage.get("onFailure", {}), first=first, mode=mode)
    _refuse_twice(f"action of stage {name}", (action["name"] for action in stage["actions"]))
    for action in stage["actions"]:
        if (action["actionTypeId"]["category"] == "Source") != first:
            raise _structure(
                "The first stage, and no other, consists of source actions: "
                f"{action['name']} of stage {name} does not fit."
            )
        _check_action(action)


def _check_failure(on_failure: Mapping[str, Any], *, first: bool, mode: str) -> None:
    if not on_failure:
        return
    if on_failure.get("conditions") or on_failure.get("result", "FAIL") not in ("ROLLBACK", "FAIL"):
        raise NotEmulated("CodePipeline onFailure conditions and automatic retries")
    if on_failure.get("result") == "ROLLBACK" and (first or mode == PARALLEL):
        raise _structure("A source stage, and a stage of a PARALLEL pipeline, cannot be rolled back.")


def _check_action(action: Mapping[str, Any]) -> None:
    type_id, name = action["actionTypeId"], action["name"]
    kind = (type_id["category"], type_id["provider"])
    if kind not in _CONFIGURATION or type_id["owner"] != "AWS" or type_id["version"] != "1":
        raise NotEmulated(
            f"CodePipeline actions of {type_id['owner']} {'/'.join(kind)} version {type_id['version']}"
        )
    if action.get("region", _REGION) != _REGION:
        raise NotEmulated(f"CodePipeline actions in other regions: {name} runs in {action['region']}")
    for unknown in ("commands", "outputVariables", "environmentVariables"):
        if action.get(unknown):
            raise NotEmulated(f"CodePipeline {unknown} of an action")
    if "timeoutInMinutes" in action and kind != ("Approval", "Manual"):
        raise NotEmulated("CodePipeline timeoutInMinutes of other actions than manual approvals")
    _check_configuration(name, kind, action.get("configuration", {}))


def _check_configuration(name: str, kind: tuple[str, str], configuration: Mapping[str, str]) -> None:
    required, optional = _CONFIGURATION[kind]
    missing = sorted(required - set(configuration))
    if missing:
        raise AwsError(
            "InvalidActionDeclarationException",
            f"Action configuration for action '{name}' is missing required configuration '{missing[0]}'",
        )
    unknown = sorted(set(configuration) - required - optional)
    if unknown:
        raise NotEmulated(f"CodePipeline {'/'.join(kind)} {unknown[0]}")


def _check_artifacts(stages: Iterable[Mapping[str, Any]]) -> None:
    made: set[str] = set()
    for stage in stages:
        for action in sorted(stage["actions"], key=lambda each: each.get("runOrder", 1)):
            for artifact in action.get("inputArtifacts", ()):
                if artifact["name"] not in made:
                    raise _structure(
                        f"Input Artifact Bundle {artifact['name']} in action {action['name']} "
                        "is not declared as Output Artifact Bundle in any of the preceding actions"
                    )
            names = [artifact["name"] for artifact in action.get("outputArtifacts", ())]
            _refuse_twice("output artifact", [*made.intersection(names), *names])
            made.update(names)


def _actions(stages: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for stage in stages:
        yield from stage["actions"]


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise _structure(f"The same {what} is declared twice: {twice[0]}")


def _structure(message: str) -> AwsError:
    return AwsError("InvalidStructureException", message)
