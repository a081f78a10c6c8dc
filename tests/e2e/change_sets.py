"""Change sets: made by the CDK CLI, executed by somebody, some time later."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from tests.e2e.world import World

_CLI_SECONDS: Final = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What became of a change set: the stack's status after it, and what refused it or failed in it."""

    status: str
    reasons: tuple[str, ...]


def prepare(world: World, change: str, *, name: str) -> str:
    """Let the CDK CLI make one for hosting of a changed assembly, and not execute it; return its ARN."""
    stage = world.stage
    log = stage.work / f"change-set-{name}.log"
    command = [*stage.cdk.checkout.cdk, "deploy", world.controller.hosting_stack, "--exclusively"]
    command += ["--app", str(world.synths[change].wait()), "--method", "prepare-change-set"]
    command += ["--change-set-name", name, "--require-approval", "never", "--ci", "--no-notices"]
    status = stage.processes.run(command, log=log, timeout_seconds=_CLI_SECONDS)
    assert status == 0, log.read_text()[-2000:]
    found = stage.aws.cloudformation.describe_change_set(
        StackName=world.controller.hosting_stack, ChangeSetName=name
    )
    return found["ChangeSetId"]


def execute(world: World, change_set: str) -> Executed:
    """Execute a change set and wait until the stack is at rest."""
    cloudformation, stack = world.stage.aws.cloudformation, world.controller.hosting_stack
    before = {event["EventId"] for event in events(world)}
    try:
        cloudformation.execute_change_set(ChangeSetName=change_set, StackName=stack)
    except ClientError as error:
        return Executed(status=world.stack_status(), reasons=(str(error),))
    world.wait_until("the stack is at rest", lambda: not world.stack_status().endswith("_IN_PROGRESS"))
    return Executed(status=world.stack_status(), reasons=failures(world, known=before))


def failures(world: World, *, known: Collection[str] = ()) -> tuple[str, ...]:
    """Return why resources of hosting have failed, but for the events whose ids are known."""
    new = [each for each in events(world) if each["EventId"] not in known]
    return tuple(each["reason"] for each in new if each["status"].endswith("_FAILED"))


def events(world: World) -> list[dict[str, str]]:
    """Return the events of hosting, newest first; those of the stack itself have its name as logical id."""
    found = world.stage.aws.cloudformation.describe_stack_events(StackName=world.controller.hosting_stack)
    return [
        {
            "EventId": each["EventId"],
            "logical_id": each["LogicalResourceId"],
            "status": each.get("ResourceStatus", ""),
            "reason": each.get("ResourceStatusReason", ""),
        }
        for each in found["StackEvents"]
    ]
