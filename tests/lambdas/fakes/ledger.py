"""The ledger in memory; documents pass through JSON as they do in DynamoDB."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.ports import Lease, Run


class FakeLedger(Port):
    """Leases, runs and decisions of one endpoint."""

    name = "dynamodb"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.held: Lease | None = None
        self.runs: dict[str, Run] = {}
        self.entries: list[tuple[str, str, dict[str, Any]]] = []

    def kinds(self, rollout_id: str) -> list[str]:
        """Return the kinds of a rollout's decisions, in order."""
        return [kind for run, kind, _ in self.entries if run == rollout_id]

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """Return the documents of one kind."""
        return [body for _, known, body in self.entries if known == kind]

    @call
    def lease(self) -> Lease | None:
        return self.held

    @call
    def acquire(self, lease: Lease, *, replacing: Lease | None) -> bool:
        if self.held is None or self.held.rollout_id == lease.rollout_id or self.held == replacing:
            self.held = lease
            return True
        return False

    @call
    def release(self, rollout_id: str) -> None:
        if self.held is not None and self.held.rollout_id == rollout_id:
            self.held = None

    @call
    def run(self, rollout_id: str) -> Run | None:
        return self.runs.get(rollout_id)

    @call
    def open_runs(self) -> Sequence[Run]:
        return [run for run in self.runs.values() if run.status == "RUNNING"]

    @call
    def queued_runs(self) -> Sequence[Run]:
        return [run for run in self.runs.values() if run.status == "QUEUED"]

    @call
    def waiting_runs(self) -> Sequence[Run]:
        return [run for run in self.runs.values() if run.status == "NEEDS_HUMAN"]

    @call
    def promoted_runs(self) -> Sequence[Run]:
        return [run for run in self.runs.values() if run.status == "PROMOTED"]

    @call
    def save(self, run: Run) -> bool:
        before = self.runs.get(run.rollout_id)
        if (before.revision if before else 0) != run.revision:
            return False
        body = json.loads(json.dumps(run.body))
        self.runs[run.rollout_id] = replace(run, body=body, revision=run.revision + 1)
        return True

    @call
    def log(self, rollout_id: str, *, at: float, kind: str, body: Mapping[str, Any]) -> None:
        self.entries.append((rollout_id, kind, json.loads(json.dumps(body, allow_nan=False))))
