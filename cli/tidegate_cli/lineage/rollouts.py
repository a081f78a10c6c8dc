"""The rollout that promoted a version: its checks, the verdict on each step, and who decided what."""

from collections.abc import Iterator
from typing import Final

from tidegate_cli.lineage.asking import Refusal, ask
from tidegate_cli.lineage.links import Link, known
from tidegate_cli.operator.causes import cause_of
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.ledger import Ledger, LogEntry, Run, with_log
from tidegate_cli.operator.session import Aws
from tidegate_cli.operator.stages import Stage, stages_of
from tidegate_cli.operator.words import clock_time, date_time, duration

_ROLLOUT: Final = "rollout"
_DECISIONS: Final = ("HELD", "RESUMED", "WAIVED", "GATE_OPENED", "GATE_APPROVED", "GATE_REJECTED")
_PROMOTED: Final = "PROMOTED"
_NO_CONTROLLER: Final = "the endpoint has no rollout controller in reach, which would have kept a ledger"


def rollout_link(aws: Aws, controller: Controller | None, package: str) -> Link:
    """Find the newest rollout that promoted a version; else the newest that tried.

    Args:
        aws: Clients of the environment.
        controller: The controller, with its ledger; None where there is none.
        package: ARN of the version.

    """
    if controller is None:
        return Link(kind=_ROLLOUT, missing=_NO_CONTROLLER)
    where = {"table": controller.ledger, "endpoint": controller.endpoint}
    ledger = ask(lambda: Ledger.read_runs(aws.dynamodb, **where))
    if isinstance(ledger, Refusal):
        return Link(kind=_ROLLOUT, missing=f"the ledger cannot be read: {ledger.reason}")
    runs = [run for run in reversed(ledger.runs) if run.body.get("package_arn") == package]
    found = next((run for run in runs if run.status == _PROMOTED), runs[0] if runs else None)
    if found is None:
        reason = f"the ledger {controller.ledger} knows no rollout of it: it went live by other hands"
        return Link(kind=_ROLLOUT, missing=reason)
    return _link(with_log(aws.dynamodb, found, **where))


def rollout_elsewhere(aws: Aws, package: str) -> Link:
    """Find the rollout of a version in its own environment, where its group is named as the endpoint.

    Args:
        aws: Clients of that environment's region.
        package: ARN of the version.

    """
    endpoint = package.partition(":model-package/")[2].partition("/")[0]
    controller = ask(lambda: Controller.of_endpoint(aws, endpoint))
    if isinstance(controller, Refusal):
        reason = f"the controller of {endpoint} cannot be read: {controller.reason}"
        return Link(kind=_ROLLOUT, missing=reason)
    return rollout_link(aws, controller, package)


def _link(run: Run) -> Link:
    cause, ended = cause_of(run), run.ended_at
    took = "" if ended is None else f", after {duration(ended - run.started_at)}"
    return Link(
        kind=_ROLLOUT,
        name=run.rollout_id,
        facts=known(
            status=run.status,
            why=cause.sentence,
            detail=cause.detail,
            started=date_time(run.started_at),
            ended="" if ended is None else f"{date_time(ended)}{took}",
            approved_by=run.body.get("approved_by"),
            into_commit=run.body.get("deployed_commit"),
            live_before=run.body.get("baseline", {}).get("package_arn"),
        ),
        origins=(_checks(run), *(_stage(stage) for stage in stages_of(run)), *_people(run)),
    )


def _checks(run: Run) -> Link:
    checked = run.first("CHECKED")
    if checked is not None:
        baseline = checked.body.get("baseline", {})
        return Link(
            kind="checks",
            name=f"passed at {date_time(checked.at)}",
            facts=known(
                of="approval, group, artifact, compatibility, baseline, stack, alarms",
                instances=baseline.get("instances"),
                instance_type=baseline.get("instance_type"),
                fix_forward="yes" if run.body.get("fix_forward") else "",
            ),
        )
    if run.body.get("first"):
        return Link(
            kind="checks",
            name="passed: approved, in its group",
            facts=known(because="the first version: there was nothing to compare it with"),
        )
    return Link(kind="checks", missing="the rollout ended before its checks, or its log is gone")


def _stage(stage: Stage) -> Link:
    return Link(
        kind=stage.name,
        name=f"{stage.share_in_words}: {stage.verdict or 'no verdict'}",
        facts=known(
            began=clock_time(stage.began_at),
            took="" if stage.seconds is None else duration(stage.seconds),
            looks=stage.looks,
            requests=f"{stage.served.requests:,}",
            bad=stage.served.bad_in_words,
            reason=stage.reason,
        ),
    )


def _people(run: Run) -> Iterator[Link]:
    for entry in run.log:
        if entry.kind in _DECISIONS:
            yield _decision(entry)


def _decision(entry: LogEntry) -> Link:
    step = entry.body.get("step")
    return Link(
        kind="decision",
        name=f"{entry.kind} at {date_time(entry.at)}",
        facts=known(
            by=entry.body.get("by"),
            step=None if step is None else int(step) + 1,
            reason=entry.body.get("reason"),
        ),
    )
