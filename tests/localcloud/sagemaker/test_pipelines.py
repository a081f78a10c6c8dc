"""SageMaker Pipelines: executions that train a model and register it, for real."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from localcloud.errors import AwsError, NotEmulated
from tests.localcloud.sagemaker.objects_world import ROLE
from tests.localcloud.sagemaker.training_world import IMAGE, World, training

FACTOR: Mapping[str, Any] = {"Name": "Factor", "Type": "Float", "DefaultValue": 1.0}
APPROVAL: Mapping[str, Any] = {
    "Name": "Approval",
    "Type": "String",
    "DefaultValue": "PendingManualApproval",
    "EnumValues": ["PendingManualApproval", "Approved"],
}
PARAMETERS = [FACTOR, APPROVAL]
GET_FACTOR = {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Factor"}]}}
ACCURACY = {"Get": "Steps.Train.FinalMetricDataList['accuracy'].Value"}
TRAIN: Mapping[str, Any] = {
    "Name": "Train",
    "Type": "Training",
    "Arguments": training(hyperparameters={"factor": GET_FACTOR}),
}
REGISTER: Mapping[str, Any] = {
    "Name": "Register",
    "Type": "RegisterModel",
    "Arguments": {
        "ModelPackageGroupName": "digits",
        "ModelApprovalStatus": {"Get": "Parameters.Approval"},
        "InferenceSpecification": {
            "Containers": [
                {"Image": IMAGE, "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}}
            ],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "CustomerMetadataProperties": {
            "accuracy": {"Std:Join": {"On": "", "Values": [ACCURACY]}},
            "training_job": {"Get": "Steps.Train.TrainingJobName"},
            "execution": {"Get": "Execution.PipelineExecutionId"},
        },
    },
}


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    made.call("CreateModelPackageGroup", ModelPackageGroupName="digits")
    yield made
    made.close()


def test_an_execution_trains_a_model_and_registers_it_with_metrics_and_where_it_comes_from(
    world: World,
) -> None:
    world.pipeline(world.define(REGISTER, TRAIN, parameters=PARAMETERS))
    execution = world.start(Factor="2")
    assert world.ended(execution)["PipelineExecutionStatus"] == "Succeeded", world.steps(execution)
    steps = world.steps(execution)
    package = world.call(
        "DescribeModelPackage", ModelPackageName=steps["Register"]["Metadata"]["RegisterModel"]["Arn"]
    )
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    name = steps["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    assert name.startswith("pipelines-")
    told = package["CustomerMetadataProperties"]
    assert told == {
        "accuracy": "0.75",
        "training_job": world.job(name)["TrainingJobName"],
        "execution": execution.rpartition("/")[2],
    }
    artifact = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert json.loads(world.model(artifact)["model.json"])["value"] == 2 * 3.5 * 2
    assert steps["Train"]["EndTime"] <= steps["Register"]["StartTime"]


def test_parameters_decide_and_defaults_hold_where_none_is_given(world: World) -> None:
    world.pipeline(world.define(TRAIN, REGISTER, parameters=PARAMETERS))
    execution = world.start(Approval="Approved")
    world.ended(execution)
    arn = world.steps(execution)["Register"]["Metadata"]["RegisterModel"]["Arn"]
    assert world.call("DescribeModelPackage", ModelPackageName=arn)["ModelApprovalStatus"] == "Approved"
    given = world.call("ListPipelineParametersForExecution", PipelineExecutionArn=execution)
    assert given["PipelineParameters"] == [{"Name": "Approval", "Value": "Approved"}]


def test_the_same_token_starts_an_execution_once(world: World) -> None:
    world.pipeline(world.define(TRAIN, parameters=PARAMETERS))
    first = world.start("one")
    assert world.start("one") == first
    assert world.start("two") != first
    found = world.call("ListPipelineExecutions", PipelineName="digits-training")["PipelineExecutionSummaries"]
    assert len(found) == 2


def test_a_step_that_fails_fails_the_execution_and_no_other_begins(world: World) -> None:
    broken = {**TRAIN, "Arguments": training(hyperparameters={"note": "fail"})}
    world.pipeline(world.define(broken, REGISTER, parameters=PARAMETERS))
    execution = world.start()
    described = world.ended(execution)
    assert described["PipelineExecutionStatus"] == "Failed"
    assert described["FailureReason"] == "Step failure: One or multiple steps failed."
    steps = world.steps(execution)
    assert list(steps) == ["Train"]
    assert "AlgorithmError: the script ended with 1: ValueError" in steps["Train"]["FailureReason"]


def test_a_request_that_sagemaker_refuses_is_the_steps_failure(world: World) -> None:
    lost = {**REGISTER, "Arguments": {**REGISTER["Arguments"], "ModelPackageGroupName": "none"}}
    world.pipeline(world.define(TRAIN, lost, parameters=PARAMETERS))
    execution = world.start()
    world.ended(execution)
    assert "ValidationException" in world.steps(execution)["Register"]["FailureReason"]


def test_an_execution_can_be_stopped_and_its_training_job_with_it(world: World) -> None:
    slow = {**TRAIN, "Arguments": training(hyperparameters={"note": "wait"})}
    world.pipeline(world.define(slow, REGISTER, parameters=PARAMETERS))
    execution = world.start()
    world.until(lambda: "Train" in world.steps(execution))
    world.call("StopPipelineExecution", PipelineExecutionArn=execution, ClientRequestToken="s" * 32)
    assert world.ended(execution)["PipelineExecutionStatus"] == "Stopped"
    assert world.steps(execution)["Train"]["StepStatus"] == "Stopped"
    with pytest.raises(AwsError, match="is in status Stopped"):
        world.call("StopPipelineExecution", PipelineExecutionArn=execution, ClientRequestToken="s" * 32)


def test_every_change_of_status_is_told_on_the_bus(world: World) -> None:
    world.pipeline(world.define(TRAIN, parameters=PARAMETERS))
    execution = world.start()
    world.ended(execution)
    kind = "SageMaker Model Building Pipeline Execution Status Change"
    assert world.statuses(kind, "currentPipelineExecutionStatus") == ["Executing", "Succeeded"]
    assert [event[2]["pipelineExecutionArn"] for event in world.events if event[1] == kind] == [execution] * 2


def test_an_execution_keeps_the_definition_that_it_was_started_with(world: World) -> None:
    first = world.define(TRAIN, parameters=PARAMETERS)
    world.pipeline(first)
    execution = world.start()
    changed = world.define(TRAIN, REGISTER, parameters=PARAMETERS)
    world.call("UpdatePipeline", PipelineName="Digits-Training", PipelineDefinition=changed)
    world.ended(execution)
    assert list(world.steps(execution)) == ["Train"]
    told = world.call("DescribePipelineDefinitionForExecution", PipelineExecutionArn=execution)
    assert told["PipelineDefinition"] == first
    assert world.call("DescribePipeline", PipelineName="digits-training")["PipelineDefinition"] == changed


def test_a_definition_may_lie_in_s3(world: World) -> None:
    world.objects["s3://code/pipeline.json"] = world.define(TRAIN, parameters=PARAMETERS).encode()
    world.call(
        "CreatePipeline",
        PipelineName="stored",
        PipelineDefinitionS3Location={"Bucket": "code", "ObjectKey": "pipeline.json"},
        ClientRequestToken="t" * 32,
        RoleArn=ROLE,
    )
    assert world.ended(world.start(name="stored"))["PipelineExecutionStatus"] == "Succeeded"


def test_a_pipeline_that_runs_is_not_deleted(world: World) -> None:
    world.pipeline(world.define(TRAIN, parameters=PARAMETERS))
    execution = world.start()
    with pytest.raises(AwsError, match="ConflictException"):
        world.call("DeletePipeline", PipelineName="Digits-Training", ClientRequestToken="d" * 32)
    world.ended(execution)
    world.call("DeletePipeline", PipelineName="Digits-Training", ClientRequestToken="d" * 32)
    assert world.call("ListPipelines")["PipelineSummaries"] == []
    assert world.execution(execution)["PipelineExecutionStatus"] == "Succeeded"
    with pytest.raises(AwsError, match="ResourceNotFound"):
        world.call("DescribePipeline", PipelineName="Digits-Training")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"Unknown": "1"}, r"\['Unknown'\] are not defined"),
        ({"Factor": "much"}, "must be of type Float, got 'much'"),
        ({"Approval": "Maybe"}, "must be one of"),
    ],
)
def test_rejects_parameters_that_the_definition_does_not_allow(
    world: World, given: dict[str, str], told: str
) -> None:
    world.pipeline(world.define(TRAIN, parameters=PARAMETERS))
    with pytest.raises(AwsError, match=told):
        world.start(**given)


def test_rejects_to_start_without_a_parameter_that_has_no_default(world: World) -> None:
    world.pipeline(world.define(TRAIN, parameters=[{"Name": "Factor", "Type": "Float"}]))
    with pytest.raises(AwsError, match=r"\['Factor'\] have no default value"):
        world.start()


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([TRAIN, TRAIN], "step names must be unique"),
        ([{**TRAIN, "DependsOn": ["Nobody"]}], "no such step"),
        ([{**TRAIN, "DependsOn": ["Register"]}, REGISTER], "the steps depend on each other: .*Train"),
        ([REGISTER], r"depends on \['Train'\]"),
        (
            [{**TRAIN, "Arguments": {"RoleArn": {"Get": "Parameters.None"}}}],
            "Invalid property reference 'Parameters.None'",
        ),
        ([{**TRAIN, "Arguments": {"RoleArn": {"Get": "Execution.User"}}}], "Invalid property reference"),
        ([], "at least one step"),
    ],
)
def test_rejects_definitions_that_cannot_be_carried_out(
    world: World, steps: list[Mapping[str, Any]], told: str
) -> None:
    with pytest.raises(AwsError, match=told):
        world.pipeline(world.define(*steps, parameters=PARAMETERS))


@pytest.mark.parametrize(
    "definition",
    [
        {"Version": "2020-12-01", "Steps": [{"Name": "P", "Type": "Processing", "Arguments": {}}]},
        {"Version": "2020-12-01", "Steps": [{**TRAIN, "CacheConfig": {"Enabled": True}}]},
        {"Version": "2020-12-01", "Steps": [{**TRAIN, "Arguments": {"RoleArn": {"Std:JsonGet": {}}}}]},
        {"Version": "2019-01-01", "Steps": [TRAIN]},
        {"Version": "2020-12-01", "PipelineExperimentConfig": {"ExperimentName": "x"}, "Steps": [TRAIN]},
    ],
)
def test_rejects_what_is_not_emulated(world: World, definition: dict[str, Any]) -> None:
    with pytest.raises(NotEmulated):
        world.pipeline(json.dumps(definition))
