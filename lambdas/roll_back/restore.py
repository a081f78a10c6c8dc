"""Puts pointer, stack and endpoint configuration back, once the candidate has no traffic."""

from dataclasses import dataclass, replace
from typing import Final

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.endpoint_status import GRACE_SECONDS, POLL_SECONDS, same_config
from tidegate_runtime.errors import Denied, EndpointBusy, NothingToUpdate, QuotaExceeded, Rejected
from tidegate_runtime.journal import Journal
from tidegate_runtime.ports import CANDIDATE, Clock, Endpoint, EndpointView, Pointer, Stack, StackView
from tidegate_runtime.rollback_state import RollbackState

_MAX_ATTEMPTS: Final = 5
"""How often the stack, or the endpoint, is asked before a human is."""

_STUCK: Final = ("UPDATE_ROLLBACK_FAILED", "DELETE_FAILED", "ROLLBACK_FAILED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Works towards: pointer on the baseline, stack on the pointer, endpoint on the stack's config.

    Attributes:
        guarded: Whether SageMaker's guardrails slow each update of the stack down: then the endpoint takes
            the configuration of before at once, before the stack's update goes its steps.

    """

    endpoint: Endpoint
    stack: Stack
    pointer: Pointer
    clock: Clock
    journal: Journal
    guarded: bool

    def __call__(self, rollback: RollbackState, view: EndpointView) -> RollbackState:
        """Make progress; an empty status means that everything is back."""
        stack = self.stack.describe()
        if stack is None:
            return rollback
        if stack.in_progress:
            return rollback.wait(POLL_SECONDS)
        if stack.status in _STUCK:
            return _human(rollback, f"the hosting stack is {stack.status}")
        self._pointer_back(rollback, stack)
        if self._has_moved(rollback, stack):
            return self._traffic_back(rollback, stack, view) or self._stack_back(rollback, stack)
        if same_config(view.config_name, stack.config_name) and view.variant(CANDIDATE) is None:
            return rollback
        return self._config_back(rollback, stack)

    def may_reapply(self, rollback: RollbackState) -> bool:
        """Tell whether an endpoint whose rollback failed has not been, or has just been, asked again."""
        recently = self.clock.now() - rollback.update_requested_at < GRACE_SECONDS
        return not rollback.update_requested_at or recently

    def reapply(self, rollback: RollbackState) -> RollbackState:
        """Apply the stack's configuration once to an endpoint whose own rollback failed."""
        stack = self.stack.describe()
        if stack is None:
            return _human(rollback, "the endpoint's update failed to roll back, and there is no stack")
        return self._config_back(rollback, stack)

    def _pointer_back(self, rollback: RollbackState, stack: StackView) -> None:
        """Undo this rollout's write, and nobody else's."""
        state = rollback.state
        if state is None or not state.model_package_arn:
            return
        baseline = state.baseline.package_arn if state.baseline else stack.package_arn
        if baseline != state.model_package_arn and self.pointer.read() == state.model_package_arn:
            self.pointer.write(baseline)

    def _has_moved(self, rollback: RollbackState, stack: StackView) -> bool:
        state = rollback.state
        if state is None or state.baseline is None:
            return False
        return stack.package_arn == state.model_package_arn != state.baseline.package_arn

    def _traffic_back(
        self, rollback: RollbackState, stack: StackView, view: EndpointView
    ) -> RollbackState | None:
        """Deploy the configuration of before, once; None when that is done, or cannot be."""
        baseline = rollback.state.baseline if rollback.state else None
        if not self.guarded or baseline is None or not same_config(view.config_name, stack.config_name):
            return None
        now = self.clock.now()
        if rollback.traffic_requested_at:
            recent = now - rollback.traffic_requested_at < GRACE_SECONDS
            return rollback.wait(POLL_SECONDS) if recent else None
        try:
            self.endpoint.update(baseline.config_name, retain_counts=_is_scaled(rollback))
        except EndpointBusy:
            return rollback.wait(POLL_SECONDS)
        except (Denied, QuotaExceeded, Rejected):
            return None
        return replace(rollback, traffic_requested_at=now).wait(POLL_SECONDS)

    def _stack_back(self, rollback: RollbackState, stack: StackView) -> RollbackState:
        now = self.clock.now()
        if rollback.stack_requested_at and now - rollback.stack_requested_at < GRACE_SECONDS:
            return rollback.wait(POLL_SECONDS)
        if rollback.attempts >= _MAX_ATTEMPTS:
            return _human(rollback, f"the hosting stack is {stack.status} and runs {stack.package_arn}")
        best_effort("mark the restoring", lambda: self.journal.mark("RESTORING"), otherwise=None)
        attempts = rollback.attempts + 1
        try:
            # CloudFormation takes a token once: a later rollback of the same rollout needs others.
            asked = f"{rollback.rollout_id}-{int(rollback.requested_at)}"
            self.stack.update(token=f"restore-{asked}-{attempts}")
        except (NothingToUpdate, Rejected) as error:
            return replace(rollback, attempts=attempts, reason=_with(rollback.reason, str(error))).wait(
                POLL_SECONDS
            )
        return replace(rollback, attempts=attempts, stack_requested_at=now).wait(POLL_SECONDS)

    def _config_back(self, rollback: RollbackState, stack: StackView) -> RollbackState:
        now = self.clock.now()
        if rollback.update_requested_at and now - rollback.update_requested_at < GRACE_SECONDS:
            return rollback.wait(POLL_SECONDS)
        if rollback.attempts >= _MAX_ATTEMPTS:
            return _human(rollback, f"the endpoint does not take configuration {stack.config_name}")
        try:
            self.endpoint.update(stack.config_name, retain_counts=_is_scaled(rollback))
        except EndpointBusy:
            return rollback.wait(POLL_SECONDS)
        except Rejected as error:
            attempts = rollback.attempts + 1
            return replace(rollback, attempts=attempts, reason=_with(rollback.reason, str(error))).wait(
                POLL_SECONDS
            )
        attempts = rollback.attempts + 1
        return replace(rollback, attempts=attempts, update_requested_at=now).wait(POLL_SECONDS)


def _is_scaled(rollback: RollbackState) -> bool:
    """Tell whether the scaler owns the count of `live`; without a scaler the template does."""
    baseline = rollback.state.baseline if rollback.state else None
    return baseline is None or baseline.scaling is not None


def _human(rollback: RollbackState, reason: str) -> RollbackState:
    return rollback.done(outcome="NEEDS_HUMAN", reason=_with(rollback.reason, reason))


def _with(reason: str, more: str) -> str:
    return reason if more in reason else f"{reason}; {more}"
