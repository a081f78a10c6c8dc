"""Decides which approvals start a rollout."""

from collections.abc import Mapping
from typing import Any, Final

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.journal import Journal
from tidegate_runtime.ports import Clock, Executions, Ledger

DETAIL_TYPE: Final = "SageMaker Model Package State Change"


def start_on_approval(
    event: Mapping[str, Any],
    *,
    group: str,
    machine_arn: str,
    executions: Executions,
    ledger: Ledger,
    clock: Clock,
    announcer: Announcer,
) -> dict[str, Any]:
    """Start the rollout of an approved version, once.

    Args:
        event: The registry's event from EventBridge.
        group: Model package group whose approvals count.
        machine_arn: The rollout state machine.
        executions: Where it is started.
        ledger: Knows the rollout in flight, and gets the rejection.
        clock: Time of the rejection.
        announcer: Tells about the rejection.

    Returns:
        `started` (bool), `rollout_id` where there is one, and `reason`.

    """
    ignored = _ignored(event, group=group)
    if ignored:
        return {"started": False, "reason": ignored}
    rollout_id = rollout_id_of(event)
    package_arn = str(event["detail"]["ModelPackageArn"])
    others = [run.rollout_id for run in ledger.open_runs() if run.rollout_id != rollout_id]
    # A rollout that is on record has been decided about: this is a duplicate of its event.
    if others and ledger.run(rollout_id) is None:
        reason = f"rollout {others[0]} is in flight"
        journal = Journal(ledger=ledger, clock=clock, rollout_id=rollout_id)
        _reject(journal, announcer, package_arn=package_arn, reason=reason)
        return {"started": False, "rollout_id": rollout_id, "reason": reason}
    document = {"rollout_id": rollout_id, "model_package_arn": package_arn}
    new = executions.start(machine_arn, name=rollout_id, document=document)
    reason = "approved" if new else "this approval has started its rollout before"
    return {"started": new, "rollout_id": rollout_id, "reason": reason}


def rollout_id_of(event: Mapping[str, Any]) -> str:
    """Return the id that this very approval always gets, for example `v2-20261121T050102Z`."""
    version = event["detail"].get("ModelPackageVersion") or event["detail"]["ModelPackageArn"].split("/")[-1]
    time = "".join(character for character in str(event["time"]) if character.isalnum())
    return f"v{version}-{time}"[:70]


def _ignored(event: Mapping[str, Any], *, group: str) -> str:
    detail = event.get("detail", {})
    if event.get("detail-type") != DETAIL_TYPE:
        return f"not a registry event: {event.get('detail-type')}"
    if detail.get("ModelPackageGroupName") != group:
        return f"group {detail.get('ModelPackageGroupName')} is not {group}"
    if detail.get("ModelApprovalStatus") != "Approved":
        return f"status is {detail.get('ModelApprovalStatus')}"
    return ""


def _reject(journal: Journal, announcer: Announcer, *, package_arn: str, reason: str) -> None:
    journal.open(package_arn=package_arn)
    run = journal.finish("SUPERSEDED", reason=reason, rolling_back=False)
    journal.announce(run, lambda: announcer(run))
