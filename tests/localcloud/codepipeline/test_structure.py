"""A structure that CodePipeline refuses is refused; one that nothing runs is not emulated, and says so."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.errors import AwsError
from tests.localcloud.codepipeline.pipeline_world import World, action, pipeline

Change = Callable[[dict[str, Any]], object]
GIT_TRIGGER = {
    "providerType": "CodeStarSourceConnection",
    "gitConfiguration": {"sourceActionName": "Source"},
}
STANDARD = pipeline([action("Build", inputArtifacts=[{"name": "code"}])], [action("Job")])


def set_in(*path: str | int, to: Any) -> Change:
    def change(declaration: dict[str, Any]) -> None:
        target: Any = declaration
        for each in path[:-1]:
            target = target[each]
        target[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda d: d["stages"].__delitem__(slice(1, None)), "InvalidStructure", "minimum of 2 stages"),
        (set_in("stages", 2, "name", to="S1"), "InvalidStructure", "same stage is declared twice: S1"),
        (set_in("stages", 1, "actions", to=[]), "InvalidStageDeclaration", "at least one action"),
        (
            lambda d: d["stages"][1]["actions"].append(copy.deepcopy(d["stages"][1]["actions"][0])),
            "InvalidStructure",
            "same action of stage S1 is declared twice: Build",
        ),
        (
            lambda d: d["stages"][1]["actions"].append(action("Source", "Late")),
            "InvalidStructure",
            "Late of stage S1 does not fit",
        ),
        (
            set_in("stages", 1, "actions", 0, "inputArtifacts", to=[{"name": "nothing"}]),
            "InvalidStructure",
            "Input Artifact Bundle nothing",
        ),
        (
            set_in("stages", 2, "actions", 0, "outputArtifacts", to=[{"name": "code"}]),
            "InvalidStructure",
            "output artifact is declared twice: code",
        ),
        (
            set_in("stages", 1, "actions", 0, "namespace", to="Src"),
            "InvalidStructure",
            "namespace is declared twice: Src",
        ),
        (
            set_in("stages", 1, "actions", 0, "configuration", to={}),
            "InvalidActionDeclaration",
            "missing required configuration 'ProjectName'",
        ),
        (
            set_in("stages", 2, "actions", 0, "configuration", "UserParameters", to="x" * 1001),
            "ValidationException",
            "length less than or equal to 1000",
        ),
        (set_in("pipelineType", to="V1"), "InvalidStructure", "executionMode requires pipelineType V2"),
        (set_in("stages", 0, "onFailure", to={"result": "ROLLBACK"}), "InvalidStructure", "rolled back"),
        (set_in("triggers", to=[GIT_TRIGGER]), "NotEmulated", "triggers"),
        (
            set_in("stages", 1, "actions", 0, "actionTypeId", "provider", to="Jenkins"),
            "NotEmulated",
            "Build/Jenkins",
        ),
        (set_in("stages", 1, "actions", 0, "region", to="eu-west-1"), "NotEmulated", "eu-west-1"),
        (
            set_in("stages", 1, "actions", 0, "configuration", "BatchEnabled", to="true"),
            "NotEmulated",
            "BatchEnabled",
        ),
        (set_in("stages", 1, "onFailure", to={"result": "RETRY"}), "NotEmulated", "automatic retries"),
        (set_in("stages", 1, "actions", 0, "timeoutInMinutes", to=30), "NotEmulated", "timeoutInMinutes"),
    ],
)
def test_rejects_a_structure(world: World, change: Change, code: str, words: str) -> None:
    declaration = copy.deepcopy(STANDARD)
    change(declaration)
    with pytest.raises(AwsError, match=words) as refusal:
        world.call("CreatePipeline", pipeline=declaration)
    assert refusal.value.code.startswith(code)


def test_rejects_what_the_service_model_does_not_know(world: World) -> None:
    with pytest.raises(AwsError, match=r"Unknown parameter 'pipeline\.colour'"):
        world.call("CreatePipeline", pipeline={**STANDARD, "colour": "red"})


def test_rejects_a_second_pipeline_of_the_same_name(world: World) -> None:
    world.create(STANDARD)
    with pytest.raises(AwsError) as refusal:
        world.call("CreatePipeline", pipeline=STANDARD)
    assert refusal.value.code == "PipelineNameInUseException"


def test_rejects_operations_that_are_not_emulated(world: World) -> None:
    world.create(STANDARD)
    with pytest.raises(AwsError) as refusal:
        world.call(
            "DisableStageTransition",
            pipelineName="code",
            stageName="S1",
            transitionType="Inbound",
            reason="because",
        )
    assert refusal.value.code == "NotEmulated"


def test_a_pipeline_is_described_listed_and_deleted(world: World) -> None:
    world.create(STANDARD)
    found = world.call("GetPipeline", name="code")
    assert found["pipeline"] == {**STANDARD, "version": 1}
    assert found["metadata"]["pipelineArn"] == "arn:aws:codepipeline:us-east-1:000000000000:code"
    assert [each["name"] for each in world.call("ListPipelines")["pipelines"]] == ["code"]
    world.call("DeletePipeline", name="code")
    with pytest.raises(AwsError) as refusal:
        world.call("GetPipeline", name="code")
    assert refusal.value.code == "PipelineNotFoundException"
