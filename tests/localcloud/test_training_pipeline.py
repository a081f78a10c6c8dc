"""The digits training pipeline on a local cloud: started, waited for, and its package checked."""

import io
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from deliver.outcome import Done, Outcome, Wait
from deliver.request import At, Request
from deliver.train import train
from tests.localcloud.running_cloud import Client, clients, running
from tidegate_cli.rehearsal.models import load_data
from tidegate_cli.rehearsal.training import labelled_rows, pipeline_definition, source_archive
from tidegate_runtime.adapters.model_versions import ModelVersions
from tidegate_runtime.adapters.training import SageMakerPipelines

ROLE: Final = "arn:aws:iam::000000000000:role/training"
NAME: Final = "digits-training"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(tmp_path_factory.mktemp("cloud"), "--time-scale", "600") as url:
        yield clients(url)


@pytest.fixture(scope="module")
def pipeline(client: Client) -> str:
    """Deploy the pipeline by CloudFormation, with its data and its script in S3."""
    s3, cloudformation = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket="artifacts")
    s3.put_object(Bucket="artifacts", Key="code/source.tar.gz", Body=source_archive())
    rows = labelled_rows(*load_data().train)
    s3.put_object(Bucket="artifacts", Key="data/train/rows.jsonl", Body=rows)
    definition = pipeline_definition(
        bucket="artifacts",
        group="digits",
        role_arn=ROLE,
        source="s3://artifacts/code/source.tar.gz",
        data="s3://artifacts/data/train/",
    )
    template = {
        "Resources": {
            "Group": {
                "Type": "AWS::SageMaker::ModelPackageGroup",
                "Properties": {"ModelPackageGroupName": "digits"},
            },
            "Training": {
                "Type": "AWS::SageMaker::Pipeline",
                "Properties": {
                    "PipelineName": NAME,
                    "PipelineDefinition": {"PipelineDefinitionBody": definition},
                    "RoleArn": ROLE,
                },
            },
        },
        "Outputs": {"Name": {"Value": {"Ref": "Training"}}},
    }
    cloudformation.create_stack(StackName="training", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="training", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    (stack,) = cloudformation.describe_stacks(StackName="training")["Stacks"]
    (output,) = stack["Outputs"]
    return str(output["OutputValue"])


def trained(client: Client, pipeline: str, *, fraction: str) -> dict[str, Any]:
    """Run the pipeline to its end and return the package that it has registered."""
    sagemaker = client("sagemaker")
    execution = sagemaker.start_pipeline_execution(
        PipelineName=pipeline,
        ClientRequestToken=f"fraction-{fraction}".ljust(32, "-"),
        PipelineParameters=[
            {"Name": "DataFraction", "Value": fraction},
            {"Name": "ModelVersion", "Value": f"v-{fraction}"},
        ],
    )["PipelineExecutionArn"]
    deadline = time.monotonic() + 60
    while (described := sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution))[
        "PipelineExecutionStatus"
    ] == "Executing":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution)["PipelineExecutionSteps"]
    assert described["PipelineExecutionStatus"] == "Succeeded", steps
    (arn,) = [
        step["Metadata"]["RegisterModel"]["Arn"] for step in steps if "RegisterModel" in step["Metadata"]
    ]
    return dict(sagemaker.describe_model_package(ModelPackageName=arn))


def test_what_is_trained_can_be_deployed_as_check_model_says(
    client: Client, pipeline: str, tmp_path: Path
) -> None:
    package = trained(client, pipeline, fraction="1")
    told = package["CustomerMetadataProperties"]
    assert float(told["accuracy"]) > 0.9
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    uri = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    content = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert sorted(archive.getnames()) == ["code/inference.py", "model.joblib"]
    (tmp_path / "model.tar.gz").write_bytes(content)
    row, label = (part[0] for part in load_data().held_out)
    sample = {
        "body": {"instances": [list(map(float, row))]},
        "expect": {"equals": {"model_version": "v-1", "predictions": [int(label)]}},
    }
    (tmp_path / "samples.json").write_text(json.dumps({"samples": [sample]}))
    command = ["-m", "tidegate_cli", "check-model", "model.tar.gz", "--samples", "samples.json"]
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fraction_of_the_data_makes_a_model_of_fewer_rows(client: Client, pipeline: str) -> None:
    whole = trained(client, pipeline, fraction="1")["CustomerMetadataProperties"]
    tenth = trained(client, pipeline, fraction="0.1")["CustomerMetadataProperties"]
    assert float(tenth["rows"]) == pytest.approx(float(whole["rows"]) / 10, abs=1)
    assert float(tenth["accuracy"]) < float(whole["accuracy"])
    assert tenth["tidegate:training-job"] != whole["tidegate:training-job"]


def test_the_job_train_of_a_delivery_runs_it_once_and_hands_its_package_on(
    client: Client, pipeline: str
) -> None:
    sagemaker = client("sagemaker")
    parameters = {"DataFraction": "0.1", "ModelVersion": "delivered"}
    place = At(environment="staging", role="arn:role", region="us-east-1", name="digits", pointer="/p")
    given = {"training": pipeline, "parameters": parameters, "execution": "e" * 36, "commit": "0" * 40}

    def asked(token: Any) -> Outcome:
        request = Request(job_id="j", do="train", at=place, parameters=given, token=token)
        versions = ModelVersions(lambda _region: sagemaker)
        return train(request, training=SageMakerPipelines(sagemaker), versions=versions)

    before = len(sagemaker.list_pipeline_executions(PipelineName=pipeline)["PipelineExecutionSummaries"])
    outcome, deadline = asked({}), time.monotonic() + 60
    while isinstance(outcome, Wait):
        assert time.monotonic() < deadline
        time.sleep(0.2)
        # A call that has died knows no execution: it starts the same one again.
        outcome = asked({})
    assert isinstance(outcome, Done), outcome
    after = len(sagemaker.list_pipeline_executions(PipelineName=pipeline)["PipelineExecutionSummaries"])
    assert after == before + 1
    package = sagemaker.describe_model_package(ModelPackageName=outcome.variables["PackageArn"])
    told = package["CustomerMetadataProperties"]
    assert (told["version"], told["tidegate:commit"]) == ("delivered", "0" * 40)
    assert told["tidegate:training-job"].startswith("pipelines-")
