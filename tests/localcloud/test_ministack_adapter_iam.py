"""With --enforce-iam, a Lambda can do what its role allows and nothing else, in the added services too."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.localcloud.running_cloud import Client, clients, running

ROLE = "arn:aws:iam::000000000000:role/f"
SAGEMAKER = "arn:aws:sagemaker:us-east-1:000000000000:"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
HANDLER = """
import boto3
from botocore.exceptions import ClientError

def handle(event, context):
    try:
        getattr(boto3.client(event["service"]), event["operation"])(**event["request"])
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    return {"code": "", "message": ""}
"""
UPDATE = ("sagemaker", "update_endpoint", {"EndpointName": "digits", "EndpointConfigName": "two"})
CREATE_MODEL = (
    "sagemaker",
    "create_model",
    {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "x"}},
)
INVOKE = ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "digits", "Body": "1"})
METRICS = ("cloudwatch", "get_metric_data", {"MetricDataQueries": [], "StartTime": 0, "EndTime": 60})
TARGETS = ("application-autoscaling", "describe_scalable_targets", {"ServiceNamespace": "sagemaker"})
Call = tuple[str, str, dict[str, Any]]


class Role:
    """The role of one function, and what the function gets when it calls AWS under it."""

    def __init__(self, client: Client) -> None:
        self._iam, self._lambda = client("iam"), client("lambda")

    def allow(self, *statements: tuple[str, str]) -> None:
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in statements],
        }
        self._iam.put_role_policy(RoleName="f", PolicyName="p", PolicyDocument=json.dumps(document))

    def attempt(self, call: Call) -> dict[str, str]:
        event = dict(zip(("service", "operation", "request"), call, strict=True))
        answer = self._lambda.invoke(FunctionName="f", Payload=json.dumps(event))
        result: dict[str, str] = json.loads(answer["Payload"].read())
        return result


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(tmp_path_factory.mktemp("cloud"), "--enforce-iam") as url:
        yield clients(url)


@pytest.fixture(scope="module")
def created(client: Client) -> Role:
    archive = io.BytesIO()
    client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=json.dumps(TRUST))
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("fn.py", HANDLER)
    client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.14",
        Role=ROLE,
        Handler="fn.handle",
        Code={"ZipFile": archive.getvalue()},
        Timeout=60,
    )
    return Role(client)


@pytest.fixture
def role(created: Role) -> Role:
    created.allow(("sts:GetCallerIdentity", "*"))
    return created


@pytest.mark.parametrize("call", [UPDATE, CREATE_MODEL, INVOKE, METRICS, TARGETS])
def test_rejects_a_call_that_the_role_does_not_allow(role: Role, call: Call) -> None:
    refusal = role.attempt(call)
    assert refusal["code"] == "AccessDeniedException"
    assert "no identity-based policy allows" in refusal["message"]


@pytest.mark.parametrize(
    ("call", "action"),
    [
        (METRICS, "cloudwatch:GetMetricData"),
        (TARGETS, "application-autoscaling:DescribeScalableTargets"),
        (INVOKE, "sagemaker:InvokeEndpoint"),
    ],
)
def test_a_call_that_the_role_allows_gets_through(role: Role, call: Call, action: str) -> None:
    role.allow((action, "*"))
    assert role.attempt(call)["code"] != "AccessDeniedException"


@pytest.mark.parametrize(("names", "code"), [(["own-a", "own-b"], ""), (["own-a", "other"], "AccessDenied")])
def test_alarms_can_be_read_by_their_names_as_far_as_the_role_allows(
    role: Role, names: list[str], code: str
) -> None:
    role.allow(("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:own-*"))
    answer = role.attempt(("cloudwatch", "describe_alarms", {"AlarmNames": names}))
    assert answer["code"].startswith(code)
    assert (answer["code"] == "") == (code == "")


def test_rejects_an_update_to_a_config_that_the_role_may_not_use(role: Role) -> None:
    role.allow(("sagemaker:UpdateEndpoint", f"{SAGEMAKER}endpoint/digits"))
    assert role.attempt(UPDATE)["code"] == "AccessDeniedException"


def test_an_update_to_a_config_that_the_role_may_use_gets_through(role: Role) -> None:
    role.allow(("sagemaker:UpdateEndpoint", f"{SAGEMAKER}endpoint*"))
    assert role.attempt(UPDATE)["code"] != "AccessDeniedException"


def test_rejects_a_model_whose_role_may_not_be_passed(role: Role) -> None:
    role.allow(("sagemaker:CreateModel", "*"))
    refusal = role.attempt(CREATE_MODEL)
    assert "iam:PassRole" in refusal["message"]


def test_a_model_whose_role_may_be_passed_gets_through(role: Role) -> None:
    role.allow(("sagemaker:CreateModel", "*"), ("iam:PassRole", ROLE))
    assert role.attempt(CREATE_MODEL)["code"] != "AccessDeniedException"


def test_a_bucket_that_enforces_tls_can_be_read(role: Role, client: Client) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3 = client("s3")
    s3.create_bucket(Bucket="artifacts")
    s3.put_object(Bucket="artifacts", Key="model", Body=b"1")
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="artifacts", Policy=document)
    role.allow(("s3:GetObject", "arn:aws:s3:::artifacts/*"))
    assert role.attempt(("s3", "head_object", {"Bucket": "artifacts", "Key": "model"}))["code"] == ""


def test_the_credentials_of_the_command_line_may_do_everything(client: Client) -> None:
    client("ssm").put_parameter(Name="/pointer", Value="v1", Type="String")
    assert client("ssm").get_parameter(Name="/pointer")["Parameter"]["Value"] == "v1"
