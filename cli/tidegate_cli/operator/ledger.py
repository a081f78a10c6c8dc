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
        status: RUNNING, PROMOTED, ROLLED_BACK, NEEDS_HUMAN or SUPERSEDED.
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
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="endpoint = :endpoint",
            ExpressionAttributeValues={":endpoint": {"S": endpoint}},
        )
        return cls.from_items([item for page in pages for item in page["Items"]])

    @classmethod
    def from_items(cls, items: list[dict[str, Any]]) -> Self:
        """Build the ledger from DynamoDB items in any order."""
        logs: dict[str, list[LogEntry]] = {}
        runs: list[Run] = []
        for item in sorted(items, key=lambda item: str(item["entry"]["S"])):
            kind, _, rest = str(item["entry"]["S"]).partition("#")
            body = json.loads(item["body"]["S"]) if "body" in item else {}
            if kind == "RUN":
                runs.append(Run(rollout_id=rest, status=item["status"]["S"], body=body))
            elif kind == "LOG":
                rollout_id, milliseconds, name = rest.rsplit("#", 2)
                at = float(body.get("at", int(milliseconds) / 1000))
                logs.setdefault(rollout_id, []).append(LogEntry(kind=name, at=at, body=body))
        complete = [_with_log(run, logs.get(run.rollout_id, [])) for run in runs]
        return cls(runs=tuple(sorted(complete, key=lambda run: run.started_at)))

    @property
    def in_flight(self) -> Run | None:
        """The newest rollout that has not ended."""
        return next((run for run in reversed(self.runs) if run.status == RUNNING), None)

    @property
    def newest(self) -> Run | None:
        """The newest rollout, ended or not."""
        return self.runs[-1] if self.runs else None

    def of_package(self, package_arn: str) -> Run | None:
        """Return the newest rollout of a model package version."""
        return next((run for run in reversed(self.runs) if run.body.get("package_arn") == package_arn), None)


def _with_log(run: Run, log: list[LogEntry]) -> Run:
    ordered = tuple(sorted(log, key=lambda entry: entry.at))
    return Run(rollout_id=run.rollout_id, status=run.status, body=run.body, log=ordered)
