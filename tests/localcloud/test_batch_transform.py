"""The example of batch transform, deployed and run on a local cloud."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.running_cloud import Client, clients, running
from tests.localcloud.sagemaker.sagemaker_world import archive
from tests.localcloud.sagemaker.transform_world import SUMS

ROOT: Final = Path(__file__).parents[2]
STACK: Final = "batch-transform"
# The example's own schedule runs once in a cloud day, which no test can wait for.
SCHEDULE: Final = {"ScheduleExpression": "cron(0/10 * * * ? *)", "State": "DISABLED"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(tmp_path_factory.mktemp("cloud"), "--time-scale", "600") as url:
        yield clients(url)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the example's template, with a schedule that a test can wait for, switched off."""
    folder = tmp_path_factory.mktemp("app")
    subprocess.run(
        [sys.executable, str(ROOT / "examples" / "batch_transform" / "app.py")],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "constructs"),
            "CDK_VALIDATION": "false",
            "CDK_OUTDIR": str(folder / "out"),
        },
        timeout=60,
        check=True,
    )
    made = json.loads((folder / "out" / f"{STACK}.template.json").read_text())
    for resource in made["Resources"].values():
        if "ScheduleExpression" in resource["Properties"]:
            resource["Properties"] |= SCHEDULE
    return json.dumps(made)


@pytest.fixture(scope="module")
def machine(client: Client, template: str) -> str:
    """Deploy the example and return the ARN of its state machine."""
    s3, cloudformation = client("s3"), client("cloudformation")
    for bucket in ("my-model-artifacts", "my-incoming-data", "my-answers"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket="my-incoming-data", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    s3.put_object(Bucket="my-model-artifacts", Key="model.tar.gz", Body=archive(SUMS))
    client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")
    cloudformation.create_stack(StackName=STACK, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    [found] = client("stepfunctions").list_state_machines()["stateMachines"]
    return str(found["stateMachineArn"])


def put(client: Client, key: str, body: bytes) -> None:
    client("s3").put_object(Bucket="my-incoming-data", Key=key, Body=body)


def answer(client: Client, key: str) -> bytes | None:
    try:
        found: bytes = client("s3").get_object(Bucket="my-answers", Key=key)["Body"].read()
    except ClientError:
        return None
    return found


def start(client: Client, machine: str, **given: str) -> str:
    started = client("stepfunctions").start_execution(stateMachineArn=machine, input=json.dumps(given))
    return str(started["executionArn"])


def ended(client: Client, execution: str) -> dict[str, Any]:
    states = client("stepfunctions")

    def read() -> dict[str, Any] | None:
        described: dict[str, Any] = states.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    return dict(eventually(read))


def eventually(read: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (result := read()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.05)
    return result


def test_started_by_hand_it_writes_each_answer_beside_its_record(client: Client, machine: str) -> None:
    put(client, "today/a.csv", b"k1,1,2\nk2,3,4\n")
    execution = ended(client, start(client, machine))
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["TransformJobStatus"] == "Completed"
    assert answer(client, "today/a.csv.out") == b"k1,3\nk2,7\n"


def test_an_execution_may_read_and_write_elsewhere(client: Client, machine: str) -> None:
    put(client, "other/a.csv", b"k1,5,5\n")
    given = {"input_uri": "s3://my-incoming-data/other/", "output_uri": "s3://my-answers/other/"}
    assert ended(client, start(client, machine, **given))["status"] == "SUCCEEDED"
    assert answer(client, "other/a.csv.out") == b"k1,10\n"


def test_a_new_object_starts_it_and_its_answer_lies_below_its_own_key(client: Client, machine: str) -> None:
    states = client("stepfunctions")
    before = len(states.list_executions(stateMachineArn=machine)["executions"])
    put(client, "urgent/x/", b"")
    put(client, "urgent/x/a.csv", b"k1,1,1\n")
    put(client, "urgent/y/a.csv", b"k2,2,2\n")
    assert eventually(lambda: answer(client, "today/urgent/x/a.csv/a.csv.out")) == b"k1,2\n"
    assert eventually(lambda: answer(client, "today/urgent/y/a.csv/a.csv.out")) == b"k2,4\n"
    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == before + 2


def test_the_schedule_starts_it(client: Client, machine: str) -> None:
    put(client, "today/b.csv", b"k3,5,6\n")
    events, states = client("events"), client("stepfunctions")
    [rule] = [each["Name"] for each in events.list_rules()["Rules"] if "ScheduleExpression" in each]
    before = len(states.list_executions(stateMachineArn=machine)["executions"])
    events.enable_rule(Name=rule)
    eventually(lambda: len(states.list_executions(stateMachineArn=machine)["executions"]) > before)
    events.disable_rule(Name=rule)
    assert eventually(lambda: answer(client, "today/b.csv.out")) == b"k3,11\n"


def test_failed_executions_are_counted_for_an_alarm(client: Client, machine: str) -> None:
    alarms = client("cloudwatch")
    alarms.put_metric_alarm(
        AlarmName="jobs-failed",
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    assert ended(client, start(client, machine, input_uri="s3://my-incoming-data/nothing/"))["cause"]
    eventually(lambda: alarms.describe_alarms(StateValue="ALARM")["MetricAlarms"])


def test_a_model_that_raises_ends_the_execution_failed_with_the_reason(client: Client, machine: str) -> None:
    put(client, "bad/a.csv", b"k1,bug\n")
    execution = ended(client, start(client, machine, input_uri="s3://my-incoming-data/bad/"))
    assert (execution["status"], execution["error"]) == ("FAILED", "States.TaskFailed")
    job = json.loads(execution["cause"])
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].endswith("500: ValueError: negative width")


def test_stopping_the_execution_stops_the_job(client: Client, machine: str) -> None:
    put(client, "slow/a.csv", b"k1,wait\n")
    execution = start(client, machine, input_uri="s3://my-incoming-data/slow/")
    sagemaker = client("sagemaker")

    def jobs(status: str) -> list[dict[str, Any]]:
        found = sagemaker.list_transform_jobs(StatusEquals=status)["TransformJobSummaries"]
        return list(found)

    [job] = eventually(lambda: jobs("InProgress"))
    client("stepfunctions").stop_execution(executionArn=execution)
    [stopped] = eventually(lambda: jobs("Stopped"))
    assert stopped["TransformJobName"] == job["TransformJobName"]
    assert ended(client, execution)["status"] == "ABORTED"


def task(client: Client, resource: str, request: dict[str, Any]) -> dict[str, Any]:
    """Run a machine of one task and return its execution."""
    states = client("stepfunctions")
    state = {"Type": "Task", "Resource": resource, "Parameters": request, "End": True}
    made = states.create_state_machine(
        name=f"task-{uuid.uuid4().hex[:8]}",
        definition=json.dumps({"StartAt": "Only", "States": {"Only": state}}),
        roleArn="arn:aws:iam::000000000000:role/states",
    )
    return ended(client, start(client, made["stateMachineArn"]))


@pytest.mark.usefixtures("machine")
def test_without_sync_the_task_ends_at_once_and_a_name_is_used_once(client: Client) -> None:
    [model] = client("sagemaker").list_models()["Models"]
    request = {
        "TransformJobName": "alone",
        "ModelName": model["ModelName"],
        "TransformInput": {
            "ContentType": "text/csv",
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://my-incoming-data/none/"}
            },
        },
        "TransformOutput": {"S3OutputPath": "s3://my-answers/none/"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    resource = "arn:aws:states:::sagemaker:createTransformJob"
    first, second = (task(client, resource, request) for _ in range(2))
    assert json.loads(first["output"])["TransformJobArn"].endswith(":transform-job/alone")
    assert (second["status"], second["error"]) == ("FAILED", "SageMaker.ResourceInUseException")
    request["ModelName"] = "none"
    refused = task(client, resource, request | {"TransformJobName": "other"})
    assert refused["error"] == "SageMaker.AmazonSageMakerException"
    assert "Could not find model" in refused["cause"]
