"""The rollouts of a service, newest first."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.direct import is_direct
from tidegate_cli.operator.ledger import Ledger, Run, with_log
from tidegate_cli.operator.served import Served
from tidegate_cli.operator.session import Aws
from tidegate_cli.operator.waits import Waits
from tidegate_cli.operator.words import version_of

_SHARES: Final = ("SHIFTED", "REWEIGHED")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRollout:
    """One rollout in a few numbers.

    Attributes:
        rollout_id: Its id.
        version: Its model version, for example `v3`.
        package_arn: Its model package version.
        fix_forward: Whether it was to replace a live version in trouble.
        started_at: Epoch seconds.
        ended_at: Epoch seconds; None while it runs.
        outcome: PROMOTED, ROLLED_BACK, NEEDS_HUMAN, SUPERSEDED, or RUNNING.
        reason: Why, as the controller put it.
        seconds: How long it took; None while it runs.
        highest_percent: The largest share of the traffic that the version had, or, where SageMaker moved
            it, may have had.
        served: What the version answered, as far as it was judged; copies are not answered.
        waits: How long it waited at gates, and was held.

    """

    rollout_id: str
    version: str
    package_arn: str
    fix_forward: bool
    started_at: float
    ended_at: float | None
    outcome: str
    reason: str
    seconds: float | None
    highest_percent: int
    served: Served
    waits: Waits

    @classmethod
    def of(cls, run: Run) -> Self:
        """Sum up a rollout with its log."""
        package = str(run.body.get("package_arn", ""))
        moved = is_direct(run) and run.first("PROMOTING") is not None
        shared = [int(entry.body["weight_percent"]) for entry in run.log if entry.kind in _SHARES]
        shares = [100] if moved else shared
        return cls(
            rollout_id=run.rollout_id,
            version=version_of(package),
            package_arn=package,
            fix_forward=bool(run.body.get("fix_forward")),
            started_at=run.started_at,
            ended_at=run.ended_at,
            outcome=run.status,
            reason=run.reason,
            seconds=None if run.ended_at is None else run.ended_at - run.started_at,
            highest_percent=max(shares, default=0),
            served=Served.of(entry for entry in run.log if entry.body.get("phase") != "SHADOWING"),
            waits=Waits.of(run),
        )

    def to_json(self) -> dict[str, Any]:
        """Return JSON-like values."""
        return asdict(self)


def read_history(aws: Aws, controller: Controller, *, limit: int) -> list[PastRollout]:
    """Read the newest rollouts.

    Args:
        aws: The clients.
        controller: Whose rollouts.
        limit: How many at most.

    """
    where = {"table": controller.ledger, "endpoint": controller.endpoint}
    newest = reversed(Ledger.read_runs(aws.dynamodb, **where).runs[-limit:])
    return [PastRollout.of(with_log(aws.dynamodb, run, **where)) for run in newest]
