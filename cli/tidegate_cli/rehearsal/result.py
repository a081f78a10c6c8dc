"""What a rehearsal found out; the report and the exit status are made of this."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate_cli.operator.ledger import Run
from tidegate_cli.rehearsal.account import Account
from tidegate_cli.rehearsal.cdk import Ran
from tidegate_cli.rehearsal.records import OK, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that must be true at the end: what, whether it is, and what was found."""

    what: str
    ok: bool
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model version: what it is, its accuracy on held-out rows, the share of them it fails on (0 to 1)."""

    version: str
    what: str
    accuracy: float
    failing_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """How fast a rollback took the traffic back, in seconds of the cloud clock.

    Attributes:
        seconds_since_request: From the request of the rollback to weight 0 observed.
        seconds_refused: Of these, while the endpoint was Updating and refused any change.
        seconds_since_accepted: From the endpoint's acceptance of weight 0 to its observation.

    """

    seconds_since_request: float
    seconds_refused: float
    seconds_since_accepted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A rollout of the rehearsal.

    Attributes:
        version: For example `v2`.
        run: Its record and log, with times of the cloud clock.
        candidate: The requests that its candidate answered, as the client saw them.
        live: The requests that live answered meanwhile.

    """

    version: str
    run: Run
    candidate: tuple[Record, ...] = ()
    live: tuple[Record, ...] = ()

    @property
    def candidate_errors(self) -> int:
        """Requests that the candidate failed."""
        return sum(record.outcome != OK for record in self.candidate)

    @property
    def verdict(self) -> str:
        """How it ended, for people."""
        if self.run.body.get("first"):
            return "FIRST VERSION"
        return self.run.status.replace("_", " ")

    @property
    def why(self) -> str:
        """The reason that the ledger gives."""
        return str(self.run.body.get("reason", ""))

    @property
    def seconds_to_decision(self) -> float | None:
        """Cloud seconds from the start to the decision that settled it; None for the first version."""
        settled = self.run.first("ROLLBACK_REQUESTED") or self.run.first("PROMOTED")
        judged = next(
            (e for e in self.run.log if e.kind == "JUDGED" and e.body.get("verdict") == "FAIL"), None
        )
        entry = judged or settled
        if entry is None or self.run.body.get("first"):
            return None
        return entry.at - self.run.started_at

    @property
    def way_back(self) -> "WayBack | None":
        """How the traffic was taken back; None without a rollback."""
        zero = self.run.first("WEIGHT_ZERO")
        return None if zero is None else WayBack(**{name: zero.body[name] for name in WayBack.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the rehearsal, in real epoch seconds."""

    what: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Everything that was found out.

    Attributes:
        endpoint: Name of the endpoint.
        models: The three versions.
        rollouts: In the order of their approval.
        deploys: Each run of the CDK CLI.
        spans: The steps of the rehearsal.
        account: The reconciliation.
        achieved_rate: Requests a second of the client, over the whole time.
        checks: What had to be true.
        epoch0: Real epoch seconds at which the cloud clock started.
        scale: Cloud seconds in a real second.
        began: Real epoch seconds.
        ended: Real epoch seconds.
        command: The command line.
        versions: Names and versions of what was run.
        plan: The rollout plan.

    """

    endpoint: str
    models: tuple[ModelFacts, ...]
    rollouts: tuple[Rollout, ...]
    deploys: tuple[Ran, ...]
    spans: tuple[Span, ...]
    account: Account
    achieved_rate: float
    checks: tuple[Check, ...]
    epoch0: float
    scale: float
    began: float
    ended: float
    command: str
    versions: Mapping[str, str]
    plan: Mapping[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether everything ended as it should."""
        return all(check.ok for check in self.checks)

    def real_time(self, cloud: float) -> float:
        """Return the real epoch seconds at a time of the cloud clock."""
        return self.epoch0 + (cloud - self.epoch0) / self.scale

    def cloud_time(self, real: float) -> float:
        """Return the cloud clock's epoch seconds at a real time."""
        return self.epoch0 + (real - self.epoch0) * self.scale


def attribute(runs: Mapping[str, Run], records: list[Record], *, cloud_time: Any) -> tuple[Rollout, ...]:
    """Give each rollout the requests that were answered while it was in flight.

    A candidate exists only during a rollout, so its answer belongs to the newest rollout that had started.

    Args:
        runs: The rollouts by version, in the order of their start.
        records: All requests.
        cloud_time: Turns real epoch seconds into those of the cloud clock.

    """
    rollouts = []
    ordered = list(runs.items())
    for index, (version, run) in enumerate(ordered):
        following = ordered[index + 1][1].started_at if index + 1 < len(ordered) else float("inf")
        ended = float(run.body.get("ended_at") or following)
        timed = [(cloud_time(record.at), record) for record in records]
        mine = [(at, record) for at, record in timed if run.started_at <= at < following]
        rollouts.append(
            Rollout(
                version=version,
                run=run,
                candidate=tuple(record for _, record in mine if record.variant == "candidate"),
                live=tuple(record for at, record in mine if record.variant == "live" and at <= ended),
            )
        )
    return tuple(rollouts)
