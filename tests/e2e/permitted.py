"""People with the credentials of a role that has a set's policies, and the policies themselves."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import boto3
from aws_cdk import App, Environment, Stack
from botocore.exceptions import ClientError

from tests.e2e.world import World
from tidegate import ApprovalAction, GuardedEndpoint, GuardedPipelines, PermissionSets
from tidegate_cli.rehearsal.environment import ACCOUNT, REGION

KINDS: Final = ("approver", "deployer", "operator", "reader")
OTHERS: Final = ("deployer", "operator", "reader")
PIPELINE: Final = "t-delivery"
APPROVAL: Final = ApprovalAction(pipeline=PIPELINE, stage="Approve-production", action="Approve-production")
"""The approval that the approver is named for."""

_NAME: Final = "t-rehearsal"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with the credentials of a role that has a set's policies.

    Attributes:
        arn: Of the session, as the registry names who did something.
        keys: The credentials, as boto3 takes them.
        world: Where they act.

    """

    arn: str
    keys: Mapping[str, str]
    world: World

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        return make(
            service, region_name=REGION, endpoint_url=self.world.stage.cloud.endpoint_url, **self.keys
        )

    def refused(self, service: str, operation: str, **request: Any) -> bool:
        """Tell whether a call is refused for want of rights; any other end is not."""
        try:
            getattr(self.client(service), operation)(**request)
        except ClientError as error:
            return error.response["Error"]["Code"].startswith("AccessDenied")
        return False

    def tidegate(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the command with these credentials."""
        environment = {
            **self.world.stage.processes.environment,
            "AWS_ACCESS_KEY_ID": self.keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.keys["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": self.keys["aws_session_token"],
        }
        where = ["--service", self.world.stage.service.service, "--environment", "rehearsal"]
        return subprocess.run(
            [
                *(sys.executable, "-m", "tidegate_cli", *arguments, *where),
                *("--endpoint-url", self.world.stage.cloud.endpoint_url),
            ],
            env=environment,
            cwd=self.world.stage.work,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def permitted(world: World) -> Mapping[str, Person]:
    """Deploy the policies of an environment, and give each set's to a role; return somebody of each."""
    _deploy(world)
    return {kind: _person(world, kind) for kind in KINDS}


def _deploy(world: World) -> None:
    stack = Stack(App(), "people", env=Environment(account=ACCOUNT, region=REGION))
    every = GuardedEndpoint(
        endpoint_name="*-rehearsal", pointer_parameter="/tidegate/rehearsal/*/live-model-package"
    )
    pipelines = GuardedPipelines(account=ACCOUNT, region=REGION, names=(PIPELINE,), approvals=(APPROVAL,))
    PermissionSets(stack, "People", name=_NAME, endpoints=[every], pipelines=pipelines)
    template = json.dumps(App.of(stack).synth().get_stack_by_name("people").template)  # type: ignore[union-attr]
    cloudformation = world.stage.aws.cloudformation
    cloudformation.create_stack(
        StackName="people", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="people", WaiterConfig={"Delay": 1})


def _person(world: World, kind: str) -> Person:
    iam, sts, role = world.client("iam"), world.client("sts"), f"people-{kind}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(_TRUST))
    for policy in (kind, "fence"):
        iam.attach_role_policy(RoleName=role, PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{_NAME}-{policy}")
    taken = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="ada")
    given = taken["Credentials"]
    return Person(
        arn=taken["AssumedRoleUser"]["Arn"],
        keys={
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        },
        world=world,
    )
