"""Makes the candidate live: the pointer first, then the stack that reads it."""

import math
from dataclasses import dataclass, replace
from typing import Final

from tidegate_runtime.clock import next_boundary
from tidegate_runtime.endpoint_status import (
    GRACE_SECONDS,
    POLL_SECONDS,
    UPDATE_SECONDS,
    same_config,
    settled,
)
from tidegate_runtime.errors import (
    EndpointBusy,
    EvidenceMissing,
    NothingToUpdate,
    StackUpdateFailed,
    UnexpectedConfig,
    UpdateRolledBack,
)
from tidegate_runtime.journal import Journal
from tidegate_runtime.judging import until_readable
from tidegate_runtime.orders import Orders
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE, Clock, Endpoint, EndpointView, Pointer, Stack, StackView
from tidegate_runtime.state import Baseline, RunState, require_baseline

STACK_POLL_SECONDS: Final = 60
"""How often to look at the stack's update: the first look finds one that was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """Gives `live` its instances, moves the pointer, updates the stack, verifies."""

    plan: Plan
    endpoint: Endpoint
    stack: Stack
    pointer: Pointer
    clock: Clock
    journal: Journal

    def __call__(self, state: RunState) -> RunState:
        """Make progress; WAIT until the stack runs the candidate's package, then DONE in phase WATCHING.

        HELD, back to the evidence of the last step, when an operator holds the rollout before the pointer
        is moved.

        Raises:
            EvidenceMissing: the last step has no explicit PASS, of a rollout with a candidate.
            StackUpdateFailed: the stack did not take the version; the pointer is back.
            UnexpectedConfig: somebody else changed the endpoint or the pointer.
            RollbackRequested: the rollout may not act any more.

        """
        run = self.journal.require_holding()
        baseline = require_baseline(state)
        if not state.direct and state.passed_step != len(self.plan.steps) - 1:
            raise EvidenceMissing(f"the last step must have passed, got step {state.passed_step}")
        stack = self.stack.describe()
        if stack is None:
            raise StackUpdateFailed("the hosting stack does not exist any more")
        if stack.in_progress:
            return state.wait(self._until_updated(state) if state.stack_requested_at else POLL_SECONDS)
        if stack.package_arn == state.model_package_arn:
            return self._verified(state, stack, baseline)
        if state.stack_requested_at:
            return self._not_taken(state, stack, baseline)
        if Orders.of(run.body).hold(self.clock.now()):
            return _held(state)
        view = self.endpoint.describe()
        if not settled(view, expected=(_before(state, baseline),)):
            return state.wait(POLL_SECONDS)
        # Without a candidate nothing has grown: `live` keeps its count.
        raised = None if state.direct else self._raised(state, view, baseline)
        return raised or self._requested(state, baseline)

    def _until_updated(self, state: RunState) -> int:
        """Return when to look at the stack again: an update of ours brings a new fleet."""
        left = state.stack_requested_at + UPDATE_SECONDS - self.clock.now()
        return max(STACK_POLL_SECONDS, math.ceil(left))

    def _raised(self, state: RunState, view: EndpointView, baseline: Baseline) -> RunState | None:
        """Raise the count of `live` while it can be raised: an update by the stack blocks scaling."""
        live, candidate = view.variant(LIVE), view.variant(CANDIDATE)
        if live is None or candidate is None:
            raise UnexpectedConfig(f"the endpoint must have live and candidate, got {view.variants}")
        needed = max(baseline.instances, candidate.desired_instances)
        if live.desired_instances >= needed:
            return None
        try:
            self.endpoint.set_instances(LIVE, needed)
        except EndpointBusy:
            return state.wait(POLL_SECONDS)
        return state.wait(POLL_SECONDS)

    def _requested(self, state: RunState, baseline: Baseline) -> RunState:
        # The guard of the stack lets this rollout through by its phase, so the phase is written first.
        if self.journal.rise(phase="PROMOTING"):
            return _held(state)
        live = self.pointer.read()
        if live not in (baseline.package_arn, state.model_package_arn):
            raise UnexpectedConfig(f"the live pointer must be {baseline.package_arn}, got {live}")
        if live != state.model_package_arn:
            self.pointer.write(state.model_package_arn)
        try:
            self.stack.update(token=f"promote-{state.rollout_id}")
        except NothingToUpdate as error:
            self._pointer_back(state, baseline)
            raise StackUpdateFailed(f"the stack does not read the pointer: {error}") from error
        self.journal.record("PROMOTING", package_arn=state.model_package_arn, before=baseline.package_arn)
        now = self.clock.now()
        return replace(state, phase="PROMOTING", stack_requested_at=now).wait(STACK_POLL_SECONDS)

    def _not_taken(self, state: RunState, stack: StackView, baseline: Baseline) -> RunState:
        if self.clock.now() - state.stack_requested_at < GRACE_SECONDS:
            return state.wait(POLL_SECONDS)
        self._pointer_back(state, baseline)
        raise StackUpdateFailed(f"the hosting stack is {stack.status} and runs {stack.package_arn}")

    def _pointer_back(self, state: RunState, baseline: Baseline) -> None:
        if self.pointer.read() == state.model_package_arn:
            self.pointer.write(baseline.package_arn)

    def _verified(self, state: RunState, stack: StackView, baseline: Baseline) -> RunState:
        if "ROLLBACK" in stack.status or "FAILED" in stack.status:
            raise StackUpdateFailed(f"the hosting stack is {stack.status}")
        view = self.endpoint.describe()
        if not settled(view, expected=(stack.config_name, _before(state, baseline))):
            return state.wait(POLL_SECONDS)
        if not same_config(view.config_name, stack.config_name) or view.variant(CANDIDATE) is not None:
            raise UpdateRolledBack(f"the endpoint must run {stack.config_name}, got {view.config_name}")
        self.journal.advance("WATCHING", promoted_config=view.config_name)
        self.journal.record("PROMOTED", package_arn=state.model_package_arn, config_name=view.config_name)
        now = self.clock.now()
        since = next_boundary(now, bucket_seconds=self.plan.bucket_seconds)
        return replace(
            state,
            phase="WATCHING",
            promoted_config=view.config_name,
            since=since,
            cursor=since,
            evidence=None,
            verdict="",
            wait_seconds=until_readable(self.plan, cursor=since, now=now),
        ).done()


def _held(state: RunState) -> RunState:
    if state.direct:
        # There is no evidence to go back to.
        return state.wait(POLL_SECONDS)
    return replace(state, verdict="", passed_step=state.step - 1).done("HELD")


def _before(state: RunState, baseline: Baseline) -> str:
    """Return the configuration that the endpoint has before the stack's update."""
    return state.candidate.config_name if state.candidate else baseline.config_name
