"""Read the ledger: what the controller decided, when, and on which numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry of a rollout's log.

    Attributes:
        kind: For example SHIFTED or JUDGED.
        at: When, in epoch seconds of the clock that the controller runs on.
        body: The entry as it was written.

    """

    kind: str
    at: float
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One rollout as the ledger knows it.

    Attributes:
        rollout_id: Also the name of the rollout's execution.
        status: QUEUED, RUNNING, PROMOTED, ROLLED_BACK, NEEDS_HUMAN or SUPERSEDED.
        body: Phase, package, baseline, candidate, times.
        log: Its entries, oldest first.

    """

    rollout_id: str
    status: str
    body: Mapping[str, Any]
    log: tuple[LogEntry, ...] = ()

    @property
    def started_at(self) -> float:
        """When the rollout started, epoch seconds; 0 when the ledger does not say."""
        return float(self.body.get("started_at") or (self.log[0].at if self.log else 0.0))

    @property
    def ended_at(self) -> float | None:
        """When it ended, epoch seconds; None while it runs, and when the ledger does not say."""
        return float(self.body["ended_at"]) if self.body.get("ended_at") else None

    @property
    def reason(self) -> str:
        """Why it ended as it did, as the controller put it."""
        return str(self.body.get("reason", ""))

    def last(self, *kinds: str) -> LogEntry | None:
        """Return the newest entry of these kinds."""
        return next((entry for entry in reversed(self.log) if entry.kind in kinds), None)

    def first(self, *kinds: str) -> LogEntry | None:
        """Return the oldest entry of these kinds."""
        return next((entry for entry in self.log if entry.kind in kinds), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All rollouts of one endpoint, oldest first."""

    runs: tuple[Run, ...]

    @classmethod
    def read(cls, dynamodb: "DynamoDBClient", *, table: str, endpoint: str) -> Self:
        """Query the endpoint's partition, consistently."""
        return cls.from_items(_query(dynamodb, table=table, endpoint=endpoint))

    @classmethod
    def read_runs(cls, dynamodb: "DynamoDBClient", *, table: str, endpoint: str) -> Self:
        """Query the records only, without their logs: a few items, however old the service is."""
        return cls.from_items(_query(dynamodb, table=table, endpoint=endpoint, prefix="RUN#"))

    @classmethod
    def from_items(cls, items: list[dict[str, Any]]) -> Self:
        """Build the ledger from DynamoDB items in any order."""
        logs = _logs(items)
        runs = [_run(item) for item in items if str(item["entry"]["S"]).startswith("RUN#")]
        complete = [_with_log(run, logs.get(run.rollout_id, [])) for run in runs]
        return cls(runs=tuple(sorted(complete, key=lambda run: (run.started_at, run.rollout_id))))

    @property
    def in_flight(self) -> Run | None:
        """The newest rollout that has not ended."""
        return next((run for run in reversed(self.runs) if run.status == RUNNING), None)

    @property
    def newest(self) -> Run | None:
        """The newest rollout, ended or not."""
        return self.runs[-1] if self.runs else None

    def find(self, rollout_id: str) -> Run | None:
        """Return the rollout of this id."""
        return next((run for run in self.runs if run.rollout_id == rollout_id), None)

    def of_package(self, package_arn: str) -> Run | None:
        """Return the newest rollout of a model package version."""
        return next((run for run in reversed(self.runs) if run.body.get("package_arn") == package_arn), None)


def with_log(dynamodb: "DynamoDBClient", run: Run, *, table: str, endpoint: str) -> Run:
    """Return a record of `Ledger.read_runs` with its log."""
    items = _query(dynamodb, table=table, endpoint=endpoint, prefix=f"LOG#{run.rollout_id}#")
    return _with_log(run, _logs(items).get(run.rollout_id, []))


def plan_of(run: Run) -> Mapping[str, Any] | None:
    """Return the plan that a rollout started with; None when it ended before its checks, or is older."""
    plan: Mapping[str, Any] | None = run.body.get("plan")
    return plan


def _query(
    dynamodb: "DynamoDBClient", *, table: str, endpoint: str, prefix: str = ""
) -> list[dict[str, Any]]:
    condition, values = "endpoint = :endpoint", {":endpoint": {"S": endpoint}}
    if prefix:
        condition += " AND begins_with(#entry, :prefix)"
        values[":prefix"] = {"S": prefix}
    names: dict[str, Any] = {"ExpressionAttributeNames": {"#entry": "entry"}} if prefix else {}
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
        **names,
    )
    return [item for page in pages for item in page["Items"]]


def _logs(items: list[dict[str, Any]]) -> dict[str, list[LogEntry]]:
    logs: dict[str, list[LogEntry]] = {}
    for item in sorted(items, key=lambda item: str(item["entry"]["S"])):
        kind, _, rest = str(item["entry"]["S"]).partition("#")
        if kind == "LOG":
            rollout_id, milliseconds, name = rest.rsplit("#", 2)
            body = json.loads(item["body"]["S"])
            at = float(body.get("at", int(milliseconds) / 1000))
            logs.setdefault(rollout_id, []).append(LogEntry(kind=name, at=at, body=body))
    return logs


def _run(item: dict[str, Any]) -> Run:
    rollout_id = str(item["entry"]["S"]).removeprefix("RUN#")
    return Run(rollout_id=rollout_id, status=item["status"]["S"], body=json.loads(item["body"]["S"]))


def _with_log(run: Run, log: list[LogEntry]) -> Run:
    ordered = tuple(sorted(log, key=lambda entry: entry.at))
    return Run(rollout_id=run.rollout_id, status=run.status, body=run.body, log=ordered)
