"""Waiting for CloudFormation: real seconds, as its stacks take them."""

import time
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from localcloud.codepipeline.outcome import ActionFailed

_POLL_SECONDS: Final = 0.1
_LONGEST_SECONDS: Final = 1800


def change_set_settled(stacks: Any, name: Mapping[str, str]) -> dict[str, Any]:
    """Return a change set once it is complete or has failed.

    Args:
        stacks: client of CloudFormation.
        name: StackName and ChangeSetName.

    Raises:
        ActionFailed: after half an hour.

    """
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = stacks.describe_change_set(**name)
        if found["Status"] in ("CREATE_COMPLETE", "FAILED"):
            return found
        time.sleep(_POLL_SECONDS)
    raise ActionFailed("JobFailed", f"The change set of {name['StackName']} is not complete.")


def stack_settled(stacks: Any, name: str) -> tuple[str, str]:
    """Return a stack's status and the reason of its first failure, once nothing is in progress.

    Raises:
        ActionFailed: after half an hour.

    """
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        status = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            return status, _first_failure(stacks, name)
        time.sleep(_POLL_SECONDS)
    raise ActionFailed("JobFailed", f"The stack {name} has not settled.")


def _first_failure(stacks: Any, name: str) -> str:
    """Return what failed first since the stack's last operation began."""
    reason = ""
    try:
        events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return reason
    for event in events:
        whole = event["LogicalResourceId"] == event["StackName"]
        if whole and event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            break
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason"):
            reason = f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
    return reason
