"""Explain a rollout: what decided, on which numbers, and whether they still give that decision."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.causes import Cause, cause_of
from tidegate_cli.operator.contest import Split, contest_entry, splits_of
from tidegate_cli.operator.controller import Controller, find_plan
from tidegate_cli.operator.ledger import RUNNING, Ledger, LogEntry, Run, plan_of, with_log
from tidegate_cli.operator.lineage import Lineage
from tidegate_cli.operator.looks import Look, Point, SignalRates
from tidegate_cli.operator.remarks import Remarks
from tidegate_cli.operator.replay import Replay, replay
from tidegate_cli.operator.session import Aws
from tidegate_cli.operator.stages import Stage, stages_of
from tidegate_runtime.errors import PlanInvalid
from tidegate_runtime.plan import Plan

_NAMED: Final = 5
OF_THE_ROLLOUT: Final = "the rollout's own record"
OF_TODAY: Final = "the functions of today, since the record holds none: it may have been another one then"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """How the traffic was taken back, in seconds: since the request, and refused by the endpoint."""

    seconds_since_request: float
    seconds_refused: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a rollout ended as it did.

    Attributes:
        endpoint: Name of the endpoint.
        rollout_id: Its id.
        status: How it ended, or RUNNING.
        sentence: What decided, in plain words.
        detail: The controller's own words, with its numbers.
        started_at: Epoch seconds.
        ended_at: Epoch seconds; None while it runs.
        lineage: The version that was rolled out.
        fix_forward: Whether it was to replace a live version in trouble, and so was judged alone.
        baseline_arn: The version that was live before; empty when there was none.
        stages: What happened in each step.
        judge_decided: Whether a judgement decided; an operator, for one, needs none.
        rates: The signals at the deciding look, or else the newest; empty when nothing was judged again.
        rates_at: When that look was taken; None without one.
        contest: How the contest stood at its newest look, as in the ledger; None without one.
        contest_judged_at: When that look was taken; None without one.
        splits: The candidate's shares in the contest, one after another.
        points: The evidence after each bucket of the whole rollout.
        threshold: The e-value at which the judge fails a candidate; None without a plan.
        way_back: How the traffic was taken back; None when it was not.
        remarks: What became known beside the decision, or after it.
        plan: Where the plan comes from; empty when there is none.
        judged_again: How many judgements were made again.
        differences: Which of them came out differently, in words.
        notes: What limits this explanation.

    """

    endpoint: str
    rollout_id: str
    status: str
    sentence: str
    detail: str
    started_at: float
    ended_at: float | None
    lineage: Lineage
    fix_forward: bool
    baseline_arn: str
    stages: tuple[Stage, ...]
    judge_decided: bool
    rates: tuple[SignalRates, ...]
    rates_at: float | None
    contest: Mapping[str, Any] | None
    contest_judged_at: float | None
    splits: tuple[Split, ...]
    points: tuple[Point, ...]
    threshold: float | None
    way_back: WayBack | None
    remarks: Remarks
    plan: str
    judged_again: int
    differences: tuple[str, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-like values."""
        return asdict(self)


def read_explanation(aws: Aws, controller: Controller, rollout_id: str | None) -> Explanation:
    """Explain a rollout from the ledger.

    Args:
        aws: The clients.
        controller: Whose rollouts.
        rollout_id: Which; the newest when None.

    Raises:
        CliError: NO_ROLLOUT when there is no such rollout; the newest ones are named.

    """
    where = {"table": controller.ledger, "endpoint": controller.endpoint}
    ledger = Ledger.read_runs(aws.dynamodb, **where)
    found = ledger.newest if rollout_id is None else ledger.find(rollout_id)
    if found is None:
        raise CliError(_unknown(ledger, controller, rollout_id), ExitCode.NO_ROLLOUT)
    run = with_log(aws.dynamodb, found, **where)
    recorded = plan_of(run)
    plan = recorded or find_plan(aws, controller.stack)
    return explain(
        run,
        endpoint=controller.endpoint,
        plan=plan,
        source="" if plan is None else OF_TODAY if recorded is None else OF_THE_ROLLOUT,
        lineage=Lineage.read(aws.sagemaker, run.body),
    )


def explain(
    run: Run, *, endpoint: str, plan: Mapping[str, Any] | None, source: str, lineage: Lineage
) -> Explanation:
    """Explain a rollout.

    Args:
        run: The rollout with its whole log.
        endpoint: Name of the endpoint.
        plan: The plan that was in force; None when it is not known.
        source: Where the plan comes from, in words.
        lineage: The version.

    """
    cause = cause_of(run)
    parsed, notes = _parsed(plan, run)
    again = Replay(looks=(), gaps=()) if parsed is None else replay(run, parsed)
    shown, contest = _shown(again, cause), contest_entry(run)
    return Explanation(
        endpoint=endpoint,
        rollout_id=run.rollout_id,
        status=run.status,
        sentence=cause.sentence,
        detail=cause.detail,
        started_at=run.started_at,
        ended_at=run.ended_at,
        lineage=lineage,
        fix_forward=bool(run.body.get("fix_forward")),
        baseline_arn=str(run.body.get("baseline", {}).get("package_arn", "")),
        stages=stages_of(run),
        judge_decided=cause.judged is not None and run.status != RUNNING,
        rates=() if shown is None else shown.intervals,
        rates_at=None if shown is None else shown.entry.at,
        contest=None if contest is None else contest.body["contest"],
        contest_judged_at=None if contest is None else contest.at,
        splits=splits_of(run),
        points=tuple(point for look in again.looks for point in look.points),
        threshold=None if parsed is None else 1 / parsed.alpha,
        way_back=_way_back(run.last("WEIGHT_ZERO")),
        remarks=Remarks.of(run),
        plan=source if parsed is not None else "",
        judged_again=len(again.looks),
        differences=again.differences,
        notes=(*notes, *again.gaps),
    )


def _unknown(ledger: Ledger, controller: Controller, rollout_id: str | None) -> str:
    if rollout_id is None or not ledger.runs:
        return f"no rollout of {controller.endpoint} yet"
    newest = ", ".join(run.rollout_id for run in reversed(ledger.runs[-_NAMED:]))
    return f"no rollout {rollout_id} of {controller.endpoint}: the newest are {newest}"


def _parsed(plan: Mapping[str, Any] | None, run: Run) -> tuple[Plan | None, tuple[str, ...]]:
    if run.first("JUDGED") is None:
        return None, ()
    if plan is None:
        return None, ("nothing was judged again: neither the record nor the functions tell the plan",)
    try:
        return Plan.from_json(json.dumps(plan)), ()
    except PlanInvalid as error:
        return None, (f"nothing was judged again: this version of tidegate cannot read the plan: {error}",)


def _shown(again: Replay, cause: Cause) -> Look | None:
    newest = again.looks[-1] if again.looks else None
    return next((look for look in again.looks if look.entry is cause.judged), newest)


def _way_back(zero: LogEntry | None) -> WayBack | None:
    if zero is None:
        return None
    return WayBack(
        seconds_since_request=float(zero.body.get("seconds_since_request", 0.0)),
        seconds_refused=float(zero.body.get("seconds_refused", 0.0)),
    )
