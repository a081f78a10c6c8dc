"""The state of a service's rollout, gathered once."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from tidegate_cli.operator.controller import Controller, find_plan
from tidegate_cli.operator.direct import way_of
from tidegate_cli.operator.endpoint import EndpointView
from tidegate_cli.operator.ledger import Ledger, LogEntry, Run, plan_of, with_log
from tidegate_cli.operator.orders import Standing
from tidegate_cli.operator.outlook import TimeLeft, what_is_next
from tidegate_cli.operator.remarks import Remarks
from tidegate_cli.operator.session import Aws


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision of the controller: its kind, when (epoch seconds), and why."""

    kind: str
    at: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutStatus:
    """The newest rollout.

    Attributes:
        rollout_id: Its id.
        status: RUNNING or how it ended.
        phase: What the controller is doing.
        package_arn: The model package version that is rolled out.
        fix_forward: Whether it is to replace a live version in trouble, and so is judged alone.
        step: Number of the current step, from 1; None outside the steps.
        steps: How many steps the plan has; None when the plan cannot be read.
        planned_percent: The share that the current step gives to the candidate; None outside the steps.
        contest: How the step's contest stands, as in the ledger; None outside a contest.
        way: How a version without a candidate goes live, in words; empty for one that is a candidate first.
        evidence: Per signal what the judge counted so far, as in the ledger.
        last_decision: The newest decision; None before the first.
        next: What comes next, in words.
        standing: Hold, gate and waiver.
        remarks: What became known beside the decision, or after it.
        time_left: Bounds on the rest of the step, in seconds; None when unknown.
        time_after: The same on all later steps and the watch; None when unknown, and after the steps.

    """

    rollout_id: str
    status: str
    phase: str
    package_arn: str
    fix_forward: bool
    step: int | None
    steps: int | None
    planned_percent: int | None
    contest: Mapping[str, Any] | None
    way: str
    evidence: tuple[Mapping[str, Any], ...]
    last_decision: Decision | None
    next: str
    standing: Standing
    remarks: Remarks
    time_left: TimeLeft | None
    time_after: TimeLeft | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A service in an environment as an operator sees it.

    Attributes:
        endpoint: Name of the endpoint.
        endpoint_status: SageMaker's status, or `absent`.
        candidate_share: Share of the traffic that the candidate gets now, 0 to 1.
        live_package_arn: The live pointer; None before the first version.
        rollout: The newest rollout; None when there has been none.

    """

    endpoint: str
    endpoint_status: str
    candidate_share: float
    live_package_arn: str | None
    rollout: RolloutStatus | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-like values."""
        return asdict(self)


def read_status(
    aws: Aws, controller: Controller, *, rollout_id: str | None = None, now: float | None = None
) -> Status:
    """Read ledger, pointer, plan and endpoint.

    Args:
        aws: The clients.
        controller: Whose rollouts.
        rollout_id: Which rollout; the one in flight, or else the newest, by default.
        now: Epoch seconds of the controller's clock; this machine's by default.

    """
    where = {"table": controller.ledger, "endpoint": controller.endpoint}
    ledger = Ledger.read_runs(aws.dynamodb, **where)
    found = ledger.find(rollout_id) if rollout_id else ledger.in_flight or ledger.newest
    run = None if found is None else with_log(aws.dynamodb, found, **where)
    endpoint = EndpointView.read(aws.sagemaker, controller.endpoint)
    plan = None if run is None else plan_of(run) or find_plan(aws, controller.stack)
    return Status(
        endpoint=controller.endpoint,
        endpoint_status=endpoint.status,
        candidate_share=endpoint.candidate_share,
        live_package_arn=read_pointer(aws, controller.pointer),
        rollout=None if run is None else rollout_status(run, plan, now=time.time() if now is None else now),
    )


def read_pointer(aws: Aws, name: str) -> str | None:
    """Return the live model package version, None when nothing has been promoted."""
    try:
        return aws.ssm.get_parameter(Name=name)["Parameter"].get("Value")
    except ClientError as error:
        if "ParameterNotFound" not in str(error):
            raise
        return None


def rollout_status(run: Run, plan: Mapping[str, Any] | None, *, now: float) -> RolloutStatus:
    """Derive what an operator wants to know from a rollout's record and log."""
    shifted = run.last("SHIFTED")
    newest = run.last("SHIFTED", "PROMOTING", "PROMOTED", "ROLLBACK_REQUESTED", "ENDED")
    in_steps = shifted is not None and newest is shifted
    share = run.last("SHIFTED", "REWEIGHED") if in_steps else None
    judged = run.last("JUDGED")
    latest = max([now, *(entry.at for entry in run.log[-1:])])
    standing = Standing.of(run, now=latest)
    return RolloutStatus(
        rollout_id=run.rollout_id,
        status=run.status,
        phase=str(run.body.get("phase", "")),
        package_arn=str(run.body.get("package_arn", "")),
        fix_forward=bool(run.body.get("fix_forward")),
        step=int(shifted.body["step"]) + 1 if in_steps and shifted else None,
        steps=None if plan is None else len(plan["steps"]),
        planned_percent=int(share.body["weight_percent"]) if share else None,
        contest=judged.body.get("contest") if in_steps and judged else None,
        way=way_of(run),
        evidence=tuple(judged.body.get("signals", ())) if judged else (),
        last_decision=_decision(run.log[-1]) if run.log else None,
        next=standing.next() or what_is_next(run, plan),
        standing=standing,
        remarks=Remarks.of(run),
        time_left=None if standing.next() else TimeLeft.of_step(run, plan, now=latest),
        time_after=TimeLeft.after_step(run, plan),
    )


def _decision(entry: LogEntry) -> Decision:
    verdict = entry.body.get("verdict") or entry.body.get("outcome")
    kind = f"{entry.kind} {verdict}" if verdict else entry.kind
    return Decision(kind=kind, at=entry.at, reason=_reason(entry))


def _reason(entry: LogEntry) -> str:
    if entry.kind in ("SHIFTED", "REWEIGHED"):
        return f"{entry.body.get('weight_percent')} % to the candidate"
    if entry.kind == "SHADOWING":
        return f"copies of {entry.body.get('mirror_percent')} % of the requests to the candidate"
    if entry.kind == "LIVE_REJECTED":
        return f"by {entry.body.get('by') or 'somebody'} in the registry"
    return str(entry.body.get("reason", ""))
