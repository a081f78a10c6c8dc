"""Four people act on the local cloud, each under the policies of a set: what they may, and nothing else."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.e2e.permitted import KINDS, OTHERS, Person
from tests.e2e.world import World
from tidegate_cli.rehearsal.environment import ACCOUNT, REGION

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("status", ["Approved", "Rejected", "PendingManualApproval"])
def test_nobody_but_the_approver_can_approve_or_reject(
    world: World, people: Mapping[str, Person], kind: str, status: str
) -> None:
    package = world.register()
    asked = {"ModelPackageArn": package, "ModelApprovalStatus": status}
    assert people[kind].refused("sagemaker", "update_model_package", **asked)
    described = world.stage.aws.sagemaker.describe_model_package(ModelPackageName=package)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"


@pytest.mark.parametrize(
    "change",
    [
        {"CustomerMetadataProperties": {"tidegate:commit": "forged"}},
        {"ModelApprovalStatus": "PendingManualApproval"},
        {"ApprovalDescription": "later"},
    ],
)
def test_the_approver_can_change_nothing_but_the_verdict(
    world: World, people: Mapping[str, Person], change: dict[str, Any]
) -> None:
    package = world.register()
    asked = {"ModelPackageArn": package, **change}
    assert people["approver"].refused("sagemaker", "update_model_package", **asked)


def test_the_approver_approves_and_the_operator_holds_and_aborts_what_comes_of_it(
    world: World, people: Mapping[str, Person]
) -> None:
    package = world.register()
    approver, operator, reader = people["approver"], people["operator"], people["reader"]
    approver.client("sagemaker").update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved", ApprovalDescription="looks good"
    )
    world.wait_for(package, "SHIFTED", step=0)
    for kind in ("approver", "deployer", "reader"):
        assert people[kind].tidegate("hold", "--reason", "mine").returncode != 0
        assert people[kind].tidegate("abort", "--no-wait").returncode != 0
    for person in people.values():
        status = person.tidegate("status", "--json")
        assert (status.returncode, status.stderr) == (0, "")
        assert json.loads(status.stdout)["rollout"]["package_arn"] == package
    held = operator.tidegate("hold", "--reason", "a question", "--for", "1h")
    assert held.returncode == 0, held.stderr
    assert operator.tidegate("resume").returncode == 0
    aborted = operator.tidegate("abort", "--reason", "enough")
    assert aborted.returncode == 0, aborted.stderr
    run = world.wait_for_end(package)
    assert (run.status, run.body["approved_by"]) == ("ROLLED_BACK", approver.arn)
    for command in ("history", "explain", "lineage"):
        done = reader.tidegate(command, "--json")
        assert (done.returncode, done.stderr) == (0, ""), command
    assert approver.arn in reader.tidegate("explain").stdout


Call = Callable[[World], tuple[str, str, dict[str, Any]]]

BY_HAND: Final[Mapping[str, Call]] = {
    "moves the weights": lambda w: (
        "sagemaker",
        "update_endpoint_weights_and_capacities",
        {
            "EndpointName": w.endpoint,
            "DesiredWeightsAndCapacities": [{"VariantName": "live", "DesiredWeight": 1}],
        },
    ),
    "updates the endpoint": lambda w: (
        "sagemaker",
        "update_endpoint",
        {"EndpointName": w.endpoint, "EndpointConfigName": w.stage.endpoint().config_name},
    ),
    "deletes the endpoint": lambda w: ("sagemaker", "delete_endpoint", {"EndpointName": w.endpoint}),
    "deletes the configuration": lambda w: (
        "sagemaker",
        "delete_endpoint_config",
        {"EndpointConfigName": w.stage.endpoint().config_name},
    ),
    "registers a version as approved": lambda w: (
        "sagemaker",
        "create_model_package",
        {"ModelPackageGroupName": w.endpoint, "ModelApprovalStatus": "Approved"},
    ),
    "moves the pointer": lambda w: (
        "ssm",
        "put_parameter",
        {"Name": w.controller.pointer, "Value": "forged", "Overwrite": True},
    ),
    "writes into the ledger": lambda w: (
        "dynamodb",
        "put_item",
        {"TableName": w.controller.ledger, "Item": {"endpoint": {"S": w.endpoint}, "entry": {"S": "LEASE"}}},
    ),
    "updates the stack": lambda w: (
        "cloudformation",
        "update_stack",
        {"StackName": w.controller.hosting_stack, "UsePreviousTemplate": True},
    ),
    "deletes the stack": lambda w: (
        "cloudformation",
        "delete_stack",
        {"StackName": w.controller.hosting_stack},
    ),
    "starts a rollout": lambda w: (
        "stepfunctions",
        "start_execution",
        {"stateMachineArn": w.controller.rollout_machine, "name": f"by-hand-{time.monotonic_ns()}"},
    ),
    "takes the role of the CDK": lambda w: (
        "sts",
        "assume_role",
        {
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-deploy-role-{ACCOUNT}-{REGION}",
            "RoleSessionName": "ada",
        },
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", sorted(BY_HAND))
def test_nobody_changes_production_by_hand(
    world: World, people: Mapping[str, Person], kind: str, what: str
) -> None:
    service, operation, request = BY_HAND[what](world)
    assert people[kind].refused(service, operation, **request)


@pytest.mark.parametrize("what", sorted(BY_HAND))
def test_the_fence_holds_also_for_who_may_do_everything_else(
    world: World, people: Mapping[str, Person], what: str
) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam = world.client("iam")
    iam.put_role_policy(RoleName="people-reader", PolicyName="everything", PolicyDocument=document)
    try:
        service, operation, request = BY_HAND[what](world)
        assert people["reader"].refused(service, operation, **request)
        assert not people["reader"].refused("sagemaker", "list_endpoints")
    finally:
        iam.delete_role_policy(RoleName="people-reader", PolicyName="everything")


def test_production_is_as_it_was(world: World, people: Mapping[str, Person]) -> None:
    world.require_rest()
