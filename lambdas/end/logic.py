"""The end of a rollout, whatever it is: scaling, record, lease, notice."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.errors import RollbackRequested, Transient
from tidegate_runtime.journal import RUNNING, Journal, body_of, is_open
from tidegate_runtime.ports import Ledger, Run, Scaling
from tidegate_runtime.queue import Queue
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.scaling_protection import restore_scaling
from tidegate_runtime.state import EARLY_PHASES, ENDED, Baseline, RunState

LOG: Final = logging.getLogger("tidegate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What ends, and how.

    Attributes:
        rollout_id: The rollout.
        outcome: PROMOTED, ROLLED_BACK, NEEDS_HUMAN or SUPERSEDED.
        reason: Why.
        package_arn: The candidate's model package version, empty when unknown.
        baseline: What was live before, None when unknown.
        rolling_back: Whether the rollback's machine says so, and not the rollout's.
        owned: Whether the rollout may have touched the endpoint.

    """

    rollout_id: str
    outcome: str
    reason: str
    package_arn: str
    baseline: Baseline | None
    rolling_back: bool
    owned: bool = True

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Ending":
        """Parse the state of either machine, with the outcome it has put in."""
        if "source" not in event:
            state = RunState.from_dict(event)
            return cls(
                rollout_id=state.rollout_id,
                outcome=state.outcome,
                reason=state.reason,
                package_arn=state.model_package_arn,
                baseline=state.baseline,
                rolling_back=False,
            )
        rollback = RollbackState.from_dict(event)
        inner = rollback.state
        return cls(
            rollout_id=rollback.rollout_id,
            outcome=rollback.outcome or "ROLLED_BACK",
            reason=rollback.reason,
            package_arn=inner.model_package_arn if inner else "",
            baseline=inner.baseline if inner else None,
            rolling_back=True,
            owned=rollback.owned,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Ends a rollout; safe to call twice.

    Every call is tried, whatever the others do. When all are through and scaling failed, or record or lease
    failed for the moment, the end asks to be run again. The lease is kept while scaling is not as it was:
    the next rollout would take what it finds for what it has to give back.
    """

    scaling: Scaling
    ledger: Ledger
    journal: Journal
    announcer: Announcer
    queue: Queue

    def __call__(self, ending: Ending) -> str:
        """Return the outcome on record, `ROLLING_BACK` when a rollback of this rollout is under way.

        `RUNNING` when a rollback found nothing to do and the rollout has gone on since, started again.

        Raises:
            Fault: something is left to do.

        """
        late: list[Exception] = []
        if not ending.owned and self._goes_on(ending.rollout_id):
            return RUNNING
        unknown = Run(rollout_id=ending.rollout_id, status=ending.outcome, body={"reason": ending.reason})
        try:
            run = self._recorded(ending, late) or unknown
        except RollbackRequested:
            return "ROLLING_BACK"
        if self._scaling_is_back(ending, late):
            _attempt("release the lease", lambda: self.ledger.release(ending.rollout_id), late)
        if run is not unknown:
            self.journal.announce(run, lambda: self.announcer(_told(run, ending)))
        if late:
            raise late[0]
        if run.status in ENDED:
            # What cannot be started for the moment, the watchdog starts within a minute.
            best_effort("start what is queued", self.queue.start_next, otherwise=None)
        return run.status

    def _goes_on(self, rollout_id: str) -> bool:
        run, lease = self.ledger.run(rollout_id), self.ledger.lease()
        holds = lease is not None and lease.rollout_id == rollout_id
        return holds and is_open(run) and body_of(run).get("phase") not in EARLY_PHASES

    def _scaling_is_back(self, ending: Ending, late: list[Exception]) -> bool:
        if not ending.owned:
            return True
        try:
            restore_scaling(self.scaling, ending.baseline)
        except Exception as error:  # noqa: BLE001  (the lease waits, and so does nothing else)
            LOG.warning("could not restore scaling: %s: %s", type(error).__name__, error)
            late.append(error)
            return False
        return True

    def _recorded(self, ending: Ending, late: list[Exception]) -> Run | None:
        runs: list[Run] = []

        def finish() -> None:
            done = self.journal.finish(ending.outcome, reason=ending.reason, rolling_back=ending.rolling_back)
            runs.append(done)

        _attempt("record the end", finish, late)
        return runs[0] if runs else None


def _told(run: Run, ending: Ending) -> Run:
    """Return the record, with the candidate's version for a rollout that ended without one."""
    return replace(run, body={"package_arn": ending.package_arn, **run.body})


def _attempt(what: str, call: Callable[[], None], late: list[Exception]) -> None:
    try:
        call()
    except RollbackRequested:
        raise
    except Transient as error:
        late.append(error)
    except Exception as error:  # noqa: BLE001  (what AWS refuses for good must not hold up the rest)
        LOG.warning("could not %s: %s: %s", what, type(error).__name__, error)
