"""Pipelines and build projects of templates become the API's, and a changed pipeline starts again."""

from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.cloudformation import ResourceType, resource_types
from localcloud.cloudformation.properties import PropertyError
from localcloud.errors import NotEmulated

PROJECT = {
    "Artifacts": {"Type": "CODEPIPELINE"},
    "Environment": {
        "ComputeType": "BUILD_GENERAL1_SMALL",
        "Image": "aws/codebuild/standard:7.0",
        "Type": "LINUX_CONTAINER",
        "PrivilegedMode": "false",
    },
    "ServiceRole": "arn:aws:iam::000000000000:role/build",
    "Source": {"Type": "CODEPIPELINE", "BuildSpec": "spec.yml"},
}
SOURCE_TYPE = {"Category": "Source", "Owner": "AWS", "Provider": "S3", "Version": "1"}
PIPELINE = {
    "Name": "code",
    "RoleArn": "arn:aws:iam::000000000000:role/pipeline",
    "PipelineType": "V2",
    "RestartExecutionOnUpdate": True,
    "ArtifactStore": {"Type": "S3", "Location": "artifacts"},
    "Stages": [
        {
            "Name": "Source",
            "Actions": [
                {
                    "Name": "Source",
                    "ActionTypeId": SOURCE_TYPE,
                    "RunOrder": "1",
                    "Configuration": {"S3Bucket": "b", "S3ObjectKey": "k", "PollForSourceChanges": True},
                }
            ],
        }
    ],
}


class Calls:
    """Records API calls and answers them."""

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, service: str, operation: str, request: Mapping[str, Any], /) -> dict[str, Any]:
        self.made.append((operation, dict(request)))
        if service == "codebuild":
            return {"project": {"arn": f"arn:{request['name']}"}}
        return {"pipeline": {"version": 3}, "pipelineExecutionId": "e"}

    def names(self) -> list[str]:
        return [operation for operation, _ in self.made]


def kind(calls: Calls, name: str) -> ResourceType:
    return next(each for each in resource_types(calls) if each.name == name)


def test_a_pipeline_is_created_under_its_name() -> None:
    calls = Calls()
    created = kind(calls, "AWS::CodePipeline::Pipeline").create("Pipe", PIPELINE, "stack")
    assert created == ("code", {"Version": "3"})
    action = calls.made[0][1]["pipeline"]["stages"][0]["actions"][0]
    assert action["actionTypeId"] == {each.lower(): value for each, value in SOURCE_TYPE.items()}
    assert action["runOrder"] == 1
    assert action["configuration"] == {"S3Bucket": "b", "S3ObjectKey": "k", "PollForSourceChanges": "true"}


def test_a_changed_structure_updates_the_pipeline_and_starts_it_again() -> None:
    calls = Calls()
    new = {**PIPELINE, "ExecutionMode": "QUEUED"}
    kind(calls, "AWS::CodePipeline::Pipeline").update("code", PIPELINE, new, "stack")
    assert calls.names() == ["UpdatePipeline", "StartPipelineExecution", "GetPipeline"]


def test_new_tags_alone_start_nothing() -> None:
    calls = Calls()
    new = {**PIPELINE, "Tags": [{"Key": "team", "Value": "ml"}]}
    kind(calls, "AWS::CodePipeline::Pipeline").update("code", PIPELINE, new, "stack")
    assert calls.names() == ["GetPipeline"]


def test_a_pipeline_that_is_not_to_restart_is_only_updated() -> None:
    calls = Calls()
    old = {name: value for name, value in PIPELINE.items() if name != "RestartExecutionOnUpdate"}
    kind(calls, "AWS::CodePipeline::Pipeline").update("code", old, {**old, "ExecutionMode": "QUEUED"}, "s")
    assert calls.names() == ["UpdatePipeline", "GetPipeline"]


def test_a_project_gets_a_generated_name_and_the_api_s_spelling() -> None:
    calls = Calls()
    name, attributes = kind(calls, "AWS::CodeBuild::Project").create("Synth", PROJECT, "stack")
    request = calls.made[0][1]
    assert name.startswith("stack-Synth-")
    assert attributes == {"Arn": f"arn:{name}"}
    assert request["source"] == {"type": "CODEPIPELINE", "buildspec": "spec.yml"}
    assert request["environment"]["privilegedMode"] is False


def test_rejects_properties_that_nothing_carries_out() -> None:
    calls = Calls()
    with pytest.raises(PropertyError, match=r"#/pipeline: extraneous key \[Colour\]|#/Pipeline"):
        kind(calls, "AWS::CodePipeline::Pipeline").create("P", {**PIPELINE, "Colour": "red"}, "stack")
    with pytest.raises(NotEmulated, match="DisableInboundStageTransitions"):
        kind(calls, "AWS::CodePipeline::Pipeline").create(
            "P", {**PIPELINE, "DisableInboundStageTransitions": [{"StageName": "S"}]}, "stack"
        )
    with pytest.raises(NotEmulated, match="Triggers"):
        kind(calls, "AWS::CodeBuild::Project").create("P", {**PROJECT, "Triggers": {"Webhook": True}}, "s")
    assert calls.made == []
