"""Deploys and approvals that meet a rollout, and promotions that fail."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.echo_model import pack
from tests.e2e.interference import function_name
from tests.e2e.world import World
from tidegate_cli.operator.endpoint import EndpointView
from tidegate_cli.operator.ledger import Run
from tidegate_cli.rehearsal.cdk import Ran

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A rollout, and what came in its way while its first step baked."""

    run: Run
    before: EndpointView
    configs_before: list[str]
    refused: Ran
    during: EndpointView
    configs_during: list[str]
    stack_config_during: str
    duplicate: dict[str, Any]
    executions: list[str]
    other: Run
    afterwards: Ran


@pytest.fixture(scope="module")
def meeting(world: World) -> Iterator[Meeting]:
    package = world.in_first_step()
    before, configs_before = world.stage.endpoint(), _configs(world)
    other = world.roll_out()
    duplicate = _approval_again(world, package)
    refused = world.deploy("changed")
    during, configs_during = world.stage.endpoint(), _configs(world)
    stack_config = world.stack_config()
    with world.traffic():
        run = world.wait_for_end(package)
    superseded = world.wait_for(other, "ENDED")
    yield Meeting(
        run=run,
        before=before,
        configs_before=configs_before,
        configs_during=configs_during,
        refused=refused,
        during=during,
        stack_config_during=stack_config,
        duplicate=duplicate,
        executions=_executions(world),
        other=superseded,
        afterwards=world.deploy("changed"),
    )
    world.require_rest()


def _approval_again(world: World, package: str) -> dict[str, Any]:
    """Deliver the event of an approval once more, as EventBridge may; return what the handler says."""
    run = world.run(package)
    assert run is not None
    version, _, time = run.rollout_id.partition("-")
    event = {
        "detail-type": "SageMaker Model Package State Change",
        "time": time,
        "detail": {
            "ModelPackageGroupName": world.endpoint,
            "ModelPackageArn": package,
            "ModelPackageVersion": int(version[1:]),
            "ModelApprovalStatus": "Approved",
        },
    }
    name = function_name(world, "start_on_approval")
    answer = world.stage.aws.functions.invoke(FunctionName=name, Payload=json.dumps(event))
    document: dict[str, Any] = json.loads(answer["Payload"].read())
    return document


def _configs(world: World) -> list[str]:
    """Return the names of every endpoint configuration there is."""
    found = world.stage.aws.sagemaker.list_endpoint_configs()["EndpointConfigs"]
    return [each["EndpointConfigName"] for each in found]


def _executions(world: World) -> list[str]:
    machines = world.stage.aws.state_machines
    found = machines.list_executions(stateMachineArn=world.controller.rollout_machine)
    return [each["name"] for each in found["executions"]]


def test_rejects_a_hosting_deploy_during_a_rollout_before_anything_changes(meeting: Meeting) -> None:
    assert meeting.refused.status == 1
    assert f"rollout {meeting.run.rollout_id} is in flight" in meeting.refused.told
    assert meeting.during == meeting.before
    assert meeting.configs_during == meeting.configs_before
    assert meeting.stack_config_during == meeting.run.body["baseline"]["config_name"].casefold()


def test_the_promotion_passes_the_guard_that_refused_the_deploy(meeting: Meeting) -> None:
    assert meeting.run.status == "PROMOTED"


def test_the_deploy_that_was_refused_works_after_the_rollout(meeting: Meeting, world: World) -> None:
    assert (meeting.afterwards.status, meeting.afterwards.told) == (0, "")
    assert world.stack_status() == "UPDATE_COMPLETE"
    assert world.pointer() == meeting.run.body["package_arn"]


def test_a_duplicate_approval_event_starts_one_rollout(meeting: Meeting) -> None:
    assert meeting.duplicate["started"] is False
    assert meeting.duplicate["rollout_id"] == meeting.run.rollout_id
    assert meeting.executions.count(meeting.run.rollout_id) == 1


def test_rejects_an_approval_during_a_rollout_and_says_so_in_the_ledger(meeting: Meeting) -> None:
    assert meeting.other.status == "SUPERSEDED"
    assert meeting.other.body["reason"] == f"rollout {meeting.run.rollout_id} is in flight"
    assert meeting.other.rollout_id not in meeting.executions


def test_a_promotion_whose_stack_update_fails_ends_rolled_back_with_the_pointer_back(world: World) -> None:
    before, live = world.stage.endpoint(), world.pointer()
    package = world.roll_out()
    world.wait_for(package, "SHIFTED", step=0)
    _break_artifact(world, package)
    with world.traffic() as traffic:
        run = world.wait_for_end(package)
    assert run.status == "ROLLED_BACK"
    assert run.first("PROMOTING") is not None
    assert "StackUpdateFailed" in run.body["reason"]
    assert world.pointer() == live
    assert world.stage.endpoint().config_name == before.config_name
    assert set(traffic.answers) == {"OK"}


def _break_artifact(world: World, package: str) -> None:
    """Put a model that cannot be loaded where a version's artifact was: only fleets to come load it."""
    found = world.stage.aws.sagemaker.describe_model_package(ModelPackageName=package)
    uri = found["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    broken = pack(world.stage.work, "broken", loads=False)
    world.stage.aws.s3.put_object(Bucket=bucket, Key=key, Body=broken.archive.read_bytes())
