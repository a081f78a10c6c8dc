"""Puts the candidate beside live, and believes it only when it sees it."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from prepare.content import candidate_model, rollout_config
from tidegate_runtime.endpoint_status import (
    GRACE_SECONDS,
    POLL_SECONDS,
    UPDATE_POLL_SECONDS,
    UPDATE_SECONDS,
    same_config,
    settled,
)
from tidegate_runtime.errors import EndpointBusy, UnexpectedConfig, UpdateRolledBack
from tidegate_runtime.journal import Journal
from tidegate_runtime.naming import config_prefix, model_prefix
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE, Clock, Endpoint, EndpointView, Registry, Scaling, Variant
from tidegate_runtime.scaling_protection import protect_live
from tidegate_runtime.state import Baseline, Candidate, RunState, require_baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """Creates model and configuration, updates the endpoint, verifies.

    The first call only decides names and counts and returns them, so that they are on record in the state
    machine before anything is created: a call that is repeated then does the same again.
    """

    plan: Plan
    endpoint_name: str
    role_arn: str
    endpoint: Endpoint
    registry: Registry
    scaling: Scaling
    clock: Clock
    journal: Journal

    def __call__(self, state: RunState) -> RunState:
        """Make progress; WAIT until the endpoint serves both variants, then DONE.

        Raises:
            UpdateRolledBack: SageMaker went back to the stack's configuration.
            UnexpectedConfig: another configuration is in use or on its way.
            EndpointFailed: the endpoint does not recover by itself.

        """
        self.journal.require_holding()
        baseline = require_baseline(state)
        protect_live(self.scaling)
        view = self.endpoint.describe()
        ours = (state.candidate.config_name,) if state.candidate else ()
        if not settled(view, expected=(baseline.config_name, *ours)):
            return state.wait(UPDATE_POLL_SECONDS if state.requested_at else POLL_SECONDS)
        if state.candidate and same_config(view.config_name, state.candidate.config_name):
            return self._verified(state, view, state.candidate)
        if state.requested_at:
            return self._not_taken(state, view)
        live = _live(view)
        if state.candidate is None or state.candidate.live_instances != live.desired_instances:
            return self._decided(state, baseline, live)
        return self._update(state, baseline, state.candidate)

    def _decided(self, state: RunState, baseline: Baseline, live: Variant) -> RunState:
        wanted = self.plan.candidate_instances
        instances = live.desired_instances if wanted is None else wanted
        draft = Candidate(
            model_name="", config_name="", instances=instances, live_instances=live.desired_instances
        )
        model, config = self._definitions(state, baseline, draft)
        candidate = replace(draft, model_name=model["ModelName"], config_name=config["EndpointConfigName"])
        self.journal.advance("PREPARING", candidate=asdict(candidate))
        return replace(state, phase="PREPARING", candidate=candidate).wait(1)

    def _update(self, state: RunState, baseline: Baseline, candidate: Candidate) -> RunState:
        model, config = self._definitions(state, baseline, candidate)
        self.endpoint.create_model(model)
        self.endpoint.create_config(config)
        try:
            self.endpoint.update(candidate.config_name)
        except EndpointBusy:
            return state.wait(POLL_SECONDS)
        return replace(state, requested_at=self.clock.now()).wait(UPDATE_SECONDS)

    def _definitions(
        self, state: RunState, baseline: Baseline, candidate: Candidate
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        model = candidate_model(
            self.endpoint.model(baseline.model_name),
            live_package=self.registry.package(baseline.package_arn),
            package_arn=state.model_package_arn,
            role_arn=self.role_arn,
            prefix=model_prefix(self.endpoint_name),
        )
        config = rollout_config(
            self.endpoint.config(baseline.config_name),
            model_name=model["ModelName"],
            instances=candidate.instances,
            live_instances=candidate.live_instances,
            prefix=config_prefix(self.endpoint_name),
        )
        return model, config

    def _not_taken(self, state: RunState, view: EndpointView) -> RunState:
        if self.clock.now() - state.requested_at < GRACE_SECONDS:
            return state.wait(POLL_SECONDS)
        raise UpdateRolledBack(
            f"the endpoint is back on {view.config_name}: {view.failure_reason or 'no reason given'}"
        )

    def _verified(self, state: RunState, view: EndpointView, candidate: Candidate) -> RunState:
        variant = view.variant(CANDIDATE)
        if variant is None or variant.weight != 0 or variant.desired_weight != 0:
            raise UnexpectedConfig(f"the candidate must be there at weight 0, got {variant}")
        self.journal.advance("PREPARED")
        self.journal.record("PREPARED", **asdict(candidate))
        return replace(state, phase="PREPARED", requested_at=0.0).done()


def _live(view: EndpointView) -> Variant:
    live = view.variant(LIVE)
    if live is None:
        raise UnexpectedConfig(f"the endpoint has no variant {LIVE!r}")
    return live
