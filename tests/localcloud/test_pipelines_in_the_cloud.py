"""A pipeline in a running local cloud that enforces IAM: source, build, function, rule, stack."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from localcloud.artifact import zipped
from tests.localcloud.running_cloud import clients, running

ACCOUNT: Final = "arn:aws:iam::000000000000:"
FUNCTION: Final = """
import boto3
def handler(event, context):
    job = event["CodePipeline.job"]
    told = job["data"]["actionConfiguration"]["configuration"]["UserParameters"]
    boto3.client("codepipeline").put_job_success_result(jobId=job["id"], outputVariables={"Told": told})
"""
BUILDSPEC: Final = json.dumps(
    {
        "version": "0.2",
        "env": {"exported-variables": ["WHO"]},
        "phases": {"build": {"commands": ["export WHO=$(python who.py)"]}},
    }
)
WHO: Final = "import boto3\nprint(boto3.client('sts').get_caller_identity()['Arn'].split('/')[1])\n"


def policy(**statement: Any) -> str:
    """A policy of one statement, which allows unless it says otherwise."""
    whole = {"Effect": "Allow", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole]})


class DeliveryCloud:
    """A local cloud with roles that may do what they need."""

    def __init__(self, url: str) -> None:
        self.client = clients(url)
        self.pipelines, self.s3, self.iam = (self.client(name) for name in ("codepipeline", "s3", "iam"))

    def role(self, name: str, service: str, *actions: str) -> str:
        trust = policy(Principal={"Service": service}, Action="sts:AssumeRole")
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        if actions:
            self.allow(name, Action=list(actions), Resource="*")
        return f"{ACCOUNT}role/{name}"

    def allow(self, role: str, **statement: Any) -> None:
        name = statement.get("Effect", "Allow")
        self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy(**statement))

    def wait(self, ready: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 60
        while not (found := ready()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def ended(self, execution_id: str) -> dict[str, dict[str, Any]]:
        """Wait for an execution; return its actions by name."""
        which = {"pipelineName": "p", "pipelineExecutionId": execution_id}
        self.wait(
            lambda: (
                self.pipelines.get_pipeline_execution(**which)["pipelineExecution"]["status"] != "InProgress"
            )
        )
        found = self.pipelines.list_action_executions(
            pipelineName="p", filter={"pipelineExecutionId": execution_id}
        )["actionExecutionDetails"]
        return {each["actionName"]: each for each in found}


def action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    type_id = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": type_id, **more}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliveryCloud]:
    with running(tmp_path_factory.mktemp("delivery"), "--time-scale", "600", "--enforce-iam") as url:
        made = DeliveryCloud(url)
        prepare(made)
        yield made


def prepare(cloud: DeliveryCloud) -> None:
    for bucket in ("code", "artifacts"):
        cloud.s3.create_bucket(Bucket=bucket)
    cloud.s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
    cloud.s3.put_object(Bucket="code", Key="code.zip", Body=zipped({"who.py": WHO.encode()}))
    builder = cloud.role("builder", "codebuild.amazonaws.com", "s3:GetObject", "sts:GetCallerIdentity")
    cloud.client("codebuild").create_project(
        name="who",
        serviceRole=builder,
        source={"type": "CODEPIPELINE", "buildspec": BUILDSPEC},
        artifacts={"type": "CODEPIPELINE"},
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
    )
    worker = cloud.role("worker", "lambda.amazonaws.com", "codepipeline:PutJobSuccessResult")
    cloud.client("lambda").create_function(
        FunctionName="tell",
        Role=worker,
        Runtime="python3.12",
        Handler="index.handler",
        Code={"ZipFile": zipped({"index.py": FUNCTION.encode()})},
    )
    reads = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "lambda:InvokeFunction")
    role = cloud.role("pipeline", "codepipeline.amazonaws.com", *reads)
    told = {"FunctionName": "tell", "UserParameters": "#{built.WHO} #{variables.Word}"}
    source = action(
        "Source",
        "Source",
        "S3",
        configuration={"S3Bucket": "code", "S3ObjectKey": "code.zip", "PollForSourceChanges": "false"},
        outputArtifacts=[{"name": "code"}],
    )
    build = action(
        "Build",
        "Build",
        "CodeBuild",
        configuration={"ProjectName": "who"},
        inputArtifacts=[{"name": "code"}],
        namespace="built",
    )
    cloud.pipelines.create_pipeline(
        pipeline={
            "name": "p",
            "roleArn": role,
            "pipelineType": "V2",
            "executionMode": "QUEUED",
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "variables": [{"name": "Word", "defaultValue": "nothing"}],
            "stages": [
                {"name": "Source", "actions": [source]},
                {"name": "Build", "actions": [build]},
                {"name": "Tell", "actions": [action("Tell", "Invoke", "Lambda", configuration=told)]},
            ],
        }
    )


def test_builds_and_functions_work_under_their_own_roles(cloud: DeliveryCloud) -> None:
    started = cloud.pipelines.start_pipeline_execution(
        name="p", variables=[{"name": "Word", "value": "hello"}]
    )
    actions = cloud.ended(started["pipelineExecutionId"])
    assert actions["Build"]["output"]["outputVariables"] == {"WHO": "builder"}, actions["Build"]["output"]
    assert actions["Tell"]["output"]["outputVariables"] == {"Told": "builder hello"}


def test_a_role_that_may_not_read_the_source_fails_the_action(cloud: DeliveryCloud) -> None:
    cloud.allow("pipeline", Effect="Deny", Action="s3:GetObject*", Resource="arn:aws:s3:::code/*")
    started = cloud.pipelines.start_pipeline_execution(name="p")
    actions = cloud.ended(started["pipelineExecutionId"])
    cloud.iam.delete_role_policy(RoleName="pipeline", PolicyName="Deny")
    assert actions["Source"]["status"] == "Failed"
    assert "s3:GetObject" in actions["Source"]["output"]["executionResult"]["errorDetails"]["message"]


def test_a_rule_starts_a_pipeline_with_variables_of_its_input(cloud: DeliveryCloud) -> None:
    events = cloud.client("events")
    events.put_rule(Name="approved", EventPattern=json.dumps({"source": ["rehearsed"]}))
    transformer = {
        "InputPathsMap": {"word": "$.detail.word"},
        "InputTemplate": '{"variables": [{"name": "Word", "value": <word>}]}',
    }
    arn = "arn:aws:codepipeline:us-east-1:000000000000:p"
    events.put_targets(Rule="approved", Targets=[{"Id": "p", "Arn": arn, "InputTransformer": transformer}])
    before = len(cloud.pipelines.list_pipeline_executions(pipelineName="p")["pipelineExecutionSummaries"])
    events.put_events(
        Entries=[{"Source": "rehearsed", "DetailType": "Approved", "Detail": json.dumps({"word": "event"})}]
    )

    def started() -> Any:
        found = cloud.pipelines.list_pipeline_executions(pipelineName="p")["pipelineExecutionSummaries"]
        return found[0] if len(found) > before else None

    execution = cloud.wait(started)
    assert execution["trigger"]["triggerType"] == "CloudWatchEvent"
    actions = cloud.ended(execution["pipelineExecutionId"])
    assert actions["Tell"]["output"]["outputVariables"] == {"Told": "builder event"}


def test_a_trust_policy_names_the_role_of_a_session_and_a_policy_the_tags_of_a_role(
    cloud: DeliveryCloud,
) -> None:
    trust = policy(
        Principal={"AWS": f"{ACCOUNT}root"},
        Action="sts:AssumeRole",
        Condition={"ArnEquals": {"aws:PrincipalArn": [f"{ACCOUNT}role/first"]}},
    )
    for name, tags in (("tagged", [{"Key": "kind", "Value": "deploy"}]), ("plain", [])):
        cloud.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Tags=tags)
    first = f"{ACCOUNT}role/first"
    anybody = policy(Principal={"AWS": f"{ACCOUNT}root"}, Action="sts:AssumeRole")
    cloud.iam.create_role(RoleName="first", AssumeRolePolicyDocument=anybody)
    tagged = {"StringEquals": {"iam:ResourceTag/kind": "deploy"}}
    cloud.allow("first", Action="sts:AssumeRole", Resource="*", Condition=tagged)
    keys = cloud.client("sts").assume_role(RoleArn=first, RoleSessionName="session")["Credentials"]
    session = cloud.client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert session.assume_role(RoleArn=f"{ACCOUNT}role/tagged", RoleSessionName="session")["Credentials"]
    with pytest.raises(session.exceptions.ClientError, match="AssumeRole"):
        session.assume_role(RoleArn=f"{ACCOUNT}role/plain", RoleSessionName="session")
