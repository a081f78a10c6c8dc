"""A running cloud: Lambdas, state machines, events and stacks share one accelerated clock."""

import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.running_cloud import Client, announced, clients

SCALE = 600
ACCOUNT = "000000000000"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
HANDLER = """
import datetime, os, sys, time

class Transient(Exception):
    pass

calls = 0

def handle(event, context):
    global calls
    calls += 1
    print("working")
    if event.get("fail"):
        raise Transient("busy")
    if event.get("answer"):
        import boto3

        boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='{"opened": true}')
    time.sleep(event.get("sleep", 0))
    return {
        "cloud": time.time(), "real": datetime.datetime.now().timestamp(), "executable": sys.executable,
        "environment": dict(os.environ), "calls": calls, "left": context.get_remaining_time_in_millis(),
    }
"""


@pytest.fixture(scope="module")
def announcement(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    host = {"AWS_SECRET_ACCESS_KEY": "of the host", "HOST_TOKEN": "of the host"}
    folder = tmp_path_factory.mktemp("cloud")
    with announced(folder, "--time-scale", str(SCALE), environment=host) as told:
        yield told


@pytest.fixture(scope="module")
def client(announcement: dict[str, Any]) -> Client:
    return clients(announcement["endpoint_url"])


@pytest.fixture(scope="module")
def function(client: Client) -> str:
    iam, archive = client("iam"), io.BytesIO()
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("fn/handler.py", HANDLER)
    created = client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.14",
        Architectures=["arm64"],
        Role=role,
        Handler="fn.handler.handle",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"ENDPOINT_NAME": "digits"}},
        Timeout=2,
    )
    return str(created["FunctionArn"])


def invoke(client: Client, function: str, **event: Any) -> Any:
    answer = client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def eventually(read: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (result := read()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)
    return result


def run(client: Client, name: str, definition: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    machine = client("stepfunctions")
    arn = machine.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/f"
    )["stateMachineArn"]
    execution = machine.start_execution(stateMachineArn=arn, input=json.dumps(event))["executionArn"]

    def ended() -> dict[str, Any] | None:
        state: dict[str, Any] = machine.describe_execution(executionArn=execution)
        return state if state["status"] != "RUNNING" else None

    result: dict[str, Any] = eventually(ended)
    return result


def deploy(client: Client, template: dict[str, Any], *, name: str) -> dict[str, Any]:
    stacks = client("cloudformation")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    return settled(client, name)


def settled(client: Client, name: str) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        stack: dict[str, Any] = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    result: dict[str, Any] = eventually(done)
    return result


def queue(client: Client, name: str, **rule: Any) -> Callable[[], list[dict[str, Any]]]:
    sqs, events = client("sqs"), client("events")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    events.put_rule(Name=name, **rule)
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"}])
    seen: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        seen.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
        return seen

    return read


def test_a_python_3_14_arm_function_runs_in_this_interpreter(client: Client, function: str) -> None:
    assert invoke(client, function)["executable"] == sys.executable


def test_a_function_reads_the_cloud_clock_and_signs_with_the_real_one(
    client: Client, function: str, announcement: dict[str, Any]
) -> None:
    answer = invoke(client, function)
    expected = announcement["epoch0"] + (answer["real"] - announcement["epoch0"]) * announcement["scale"]
    assert answer["cloud"] == pytest.approx(expected, abs=SCALE * 0.1)
    assert abs(answer["real"] - time.time()) < 60


def test_a_function_sees_its_own_environment_and_nothing_of_the_host(client: Client, function: str) -> None:
    environment = invoke(client, function)["environment"]
    assert environment["ENDPOINT_NAME"] == "digits"
    assert "HOST_TOKEN" not in environment
    assert "of the host" not in environment.values()


def test_an_exception_keeps_its_name_and_the_environment_stays_warm(client: Client, function: str) -> None:
    before = invoke(client, function)["calls"]
    failure = invoke(client, function, fail=True)
    assert failure["errorType"] == "Transient"
    assert failure["errorMessage"] == "busy"
    assert invoke(client, function)["calls"] == before + 2


def test_a_function_that_takes_too_long_is_ended(client: Client, function: str) -> None:
    assert "timed out after 2.00 seconds" in invoke(client, function, sleep=30)["errorMessage"]


def test_a_state_machine_retries_and_catches_an_error_by_the_name_of_its_class(
    client: Client, function: str
) -> None:
    retry = {"ErrorEquals": ["Transient"], "MaxAttempts": 2, "MaxDelaySeconds": 30, "JitterStrategy": "FULL"}
    catch = {"ErrorEquals": ["Transient"], "Next": "Caught", "ResultPath": "$.error"}
    task = {"Type": "Task", "Resource": function, "Retry": [retry], "Catch": [catch], "End": True}
    definition = {"StartAt": "Task", "States": {"Task": task, "Caught": {"Type": "Succeed"}}}
    ended = run(client, "catch", definition, {"fail": True})
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["error"]["Error"] == "Transient"


def test_a_state_machine_times_out_as_a_whole_in_cloud_time_and_says_so(client: Client) -> None:
    events = queue(client, "ended", EventPattern=json.dumps({"source": ["aws.states"]}))
    wait = {"Type": "Wait", "Seconds": 86400, "End": True}
    ended = run(client, "slow", {"StartAt": "W", "TimeoutSeconds": 300, "States": {"W": wait}}, {})
    assert ended["status"] == "TIMED_OUT"

    def mine() -> dict[str, str]:
        details = [event["detail"] for event in events()]
        return {
            detail["status"]: detail["stateMachineArn"]
            for detail in details
            if detail["executionArn"] == ended["executionArn"] and detail["status"] == "TIMED_OUT"
        }

    assert eventually(mine) == {"TIMED_OUT": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:slow"}


def test_a_rule_of_one_minute_fires_each_cloud_minute(client: Client) -> None:
    events = queue(client, "minutes", ScheduleExpression="rate(1 minute)")
    fired = eventually(lambda: events() if len(events()) >= 2 else None)
    client("events").disable_rule(Name="minutes")
    assert {event["detail-type"] for event in fired} == {"Scheduled Event"}


def test_a_parameter_from_ssm_is_read_anew_by_every_stack_operation(client: Client) -> None:
    parameter = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/pointer"}
    template = {
        "Parameters": {"Pointer": parameter},
        "Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Pointer"}}}},
        "Outputs": {"Pointer": {"Value": {"Ref": "Pointer"}}},
    }
    with pytest.raises(ClientError, match="'/pointer' does not exist"):
        deploy(client, template, name="ssm")
    ssm, stacks = client("ssm"), client("cloudformation")
    ssm.put_parameter(Name="/pointer", Value="v1", Type="String")
    assert deploy(client, template, name="ssm")["Outputs"][0]["OutputValue"] == "v1"
    again: dict[str, Any] = {
        "StackName": "ssm",
        "UsePreviousTemplate": True,
        "Parameters": [{"ParameterKey": "Pointer", "UsePreviousValue": True}],
    }
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update_stack(**again)
    ssm.put_parameter(Name="/pointer", Value="v2", Type="String", Overwrite=True)
    stacks.update_stack(**again)
    assert settled(client, "ssm")["Outputs"][0]["OutputValue"] == "v2"


def test_rejects_an_update_sent_twice_or_during_another_in_the_words_of_aws(client: Client) -> None:
    code = (
        "import json, time, urllib.request\n"
        "def handle(event, context):\n"
        "    time.sleep(0 if event['RequestType'] == 'Delete' else 1)\n"
        "    names = ('StackId', 'RequestId', 'LogicalResourceId')\n"
        "    answer = {'Status': 'SUCCESS', 'PhysicalResourceId': 'x'}\n"
        "    answer |= {name: event[name] for name in names}\n"
        "    data = json.dumps(answer).encode()\n"
        "    urllib.request.urlopen(urllib.request.Request(event['ResponseURL'], data, method='PUT'))\n"
    )
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
    properties = {
        "Runtime": "python3.14",
        "Handler": "index.handle",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": code},
        "Timeout": 10,
    }
    slow = {"ServiceToken": {"Fn::GetAtt": ["Fn", "Arn"]}, "Seen": {"Ref": "Seen"}}
    template = {
        "Parameters": {"Seen": {"Type": "String", "Default": "1"}},
        "Resources": {
            "Role": role,
            "Fn": {"Type": "AWS::Lambda::Function", "Properties": properties},
            "Slow": {"Type": "Custom::Slow", "Properties": slow},
        },
    }
    assert deploy(client, template, name="slow")["StackStatus"] == "CREATE_COMPLETE"
    stacks = client("cloudformation")

    def update(token: str) -> None:
        stacks.update_stack(
            StackName="slow",
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": "Seen", "ParameterValue": token}],
            ClientRequestToken=token,
        )

    update("two")
    with pytest.raises(ClientError) as twice:
        update("two")
    assert twice.value.response["Error"]["Code"] == "TokenAlreadyExistsException"
    with pytest.raises(ClientError, match="UPDATE_IN_PROGRESS state and can not be updated"):
        update("three")
    assert settled(client, "slow")["StackStatus"] == "UPDATE_COMPLETE"


def test_a_large_object_survives_the_upload(client: Client) -> None:
    s3, data = client("s3"), os.urandom(3_000_000)
    s3.create_bucket(Bucket="artifacts")
    s3.upload_fileobj(io.BytesIO(data), "artifacts", "model.tar.gz")
    assert s3.get_object(Bucket="artifacts", Key="model.tar.gz")["Body"].read() == data


@pytest.mark.parametrize(
    ("service", "operation"),
    [("rds", "describe_db_instances"), ("glue", "get_databases"), ("batch", "describe_compute_environments")],
)
def test_rejects_a_service_that_nothing_emulates(client: Client, service: str, operation: str) -> None:
    with pytest.raises(ClientError, match=r"NotEmulated.*docs/localcloud\.md") as refusal:
        getattr(client(service), operation)()
    assert refusal.value.response["Error"]["Code"] == "NotEmulated"


def gate(function: str, seconds: int) -> dict[str, Any]:
    return {
        "StartAt": "Gate",
        "States": {
            "Gate": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": {
                    "FunctionName": function,
                    "Payload": {"token.$": "$$.Task.Token", "fail.$": "$.fail", "answer.$": "$.answer"},
                },
                "TimeoutSeconds": seconds,
                "ResultPath": "$.gate",
                "Catch": [
                    {"ErrorEquals": ["States.Timeout"], "ResultPath": "$.gate", "Next": "Over"},
                ],
                "End": True,
            },
            "Over": {"Type": "Pass", "Result": "over", "ResultPath": "$.said", "End": True},
        },
    }


def test_a_task_that_nobody_answers_times_out_in_cloud_seconds(client: Client, function: str) -> None:
    begin = time.monotonic()
    ended = run(client, "unanswered", gate(function, 600), {"fail": False, "answer": False})
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["said"] == "over"
    assert json.loads(ended["output"])["gate"]["Error"] == "States.Timeout"
    assert 600 / SCALE <= time.monotonic() - begin < 15


def test_an_answer_with_the_token_ends_the_wait_with_its_output(client: Client, function: str) -> None:
    ended = run(client, "answered", gate(function, 60_000), {"fail": False, "answer": True})
    assert json.loads(ended["output"])["gate"] == {"opened": True}


def test_a_function_that_cannot_take_the_token_fails_the_task(client: Client, function: str) -> None:
    ended = run(client, "cannot-take", gate(function, 60_000), {"fail": True, "answer": False})
    assert (ended["status"], ended["error"]) == ("FAILED", "Transient")


def test_a_wait_ends_with_its_execution(client: Client, function: str) -> None:
    machine = client("stepfunctions")
    arn = machine.create_state_machine(
        name="stopped-gate",
        definition=json.dumps(gate(function, 6_000_000)),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/f",
    )["stateMachineArn"]
    document = json.dumps({"fail": False, "answer": False})
    execution = machine.start_execution(stateMachineArn=arn, input=document)["executionArn"]
    machine.stop_execution(executionArn=execution)
    time.sleep(0.3)
    assert machine.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_a_token_that_nobody_waits_for_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="TaskDoesNotExist"):
        client("stepfunctions").send_task_success(taskToken="gone", output="{}")
