"""Puts the candidate beside live, first as a shadow if the plan wants one, and believes only what it sees."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from prepare.content import candidate_model, rollout_config
from tidegate_runtime.clock import next_boundary
from tidegate_runtime.endpoint_status import (
    GRACE_SECONDS,
    POLL_SECONDS,
    UPDATE_POLL_SECONDS,
    UPDATE_SECONDS,
    mirrored,
    same_config,
    settled,
)
from tidegate_runtime.errors import EndpointBusy, UnexpectedConfig, UpdateRolledBack
from tidegate_runtime.journal import Journal
from tidegate_runtime.judging import until_readable
from tidegate_runtime.naming import config_prefix, model_prefix
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE, Clock, Endpoint, EndpointView, Registry, Scaling, Variant
from tidegate_runtime.scaling_protection import protect_live
from tidegate_runtime.state import SHADOWING, Baseline, Candidate, RunState, require_baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """Creates model and configuration, updates the endpoint, verifies.

    The first call only decides names and counts and returns them, so that they are on record in the state
    machine before anything is created: a call that is repeated then does the same again. A plan with a shadow
    phase is prepared twice: for the shadow, and once that has passed for the candidate.
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
        """Make progress; WAIT until the endpoint has the candidate, then DONE, or MIRRORED for a shadow.

        Raises:
            UpdateRolledBack: SageMaker went back to the configuration of before.
            UnexpectedConfig: another configuration is in use or on its way.
            EndpointFailed: the endpoint does not recover by itself.

        """
        self.journal.require_holding()
        baseline = require_baseline(state)
        protect_live(self.scaling)
        view = self.endpoint.describe()
        ours = (state.candidate.config_name,) if state.candidate else ()
        before = state.shadowed if state.shadowed else baseline.config_name
        if not settled(view, expected=(before, *ours)):
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
        shadow = None if state.shadowed else self.plan.shadow
        draft = Candidate(
            model_name="",
            config_name="",
            instances=instances,
            live_instances=live.desired_instances,
            mirror_percent=0 if shadow is None else shadow.traffic_percent,
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
            candidate=candidate,
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
        if candidate.mirror_percent:
            return self._mirroring(state, view, candidate)
        variant = view.variant(CANDIDATE)
        if variant is None or variant.weight != 0 or variant.desired_weight != 0:
            raise UnexpectedConfig(f"the candidate must be there at weight 0, got {variant}")
        self.journal.advance("PREPARED")
        self.journal.record("PREPARED", **asdict(candidate))
        return replace(state, phase="PREPARED", requested_at=0.0).done()

    def _mirroring(self, state: RunState, view: EndpointView, candidate: Candidate) -> RunState:
        if not mirrored(view, percent=candidate.mirror_percent):
            raise UnexpectedConfig(
                f"the candidate must be a shadow of {candidate.mirror_percent} % and nothing else, "
                f"got {view.shadows} beside {view.variants}"
            )
        now = self.clock.now()
        since = next_boundary(now, bucket_seconds=self.plan.bucket_seconds)
        self.journal.advance(SHADOWING)
        self.journal.record(SHADOWING, **asdict(candidate))
        return replace(
            state,
            phase=SHADOWING,
            requested_at=0.0,
            since=since,
            cursor=since,
            evidence=None,
            verdict="",
            wait_seconds=until_readable(self.plan, cursor=since, now=now),
            reason=f"the candidate gets copies of {candidate.mirror_percent} % of the requests",
        ).done("MIRRORED")


def _live(view: EndpointView) -> Variant:
    live = view.variant(LIVE)
    if live is None:
        raise UnexpectedConfig(f"the endpoint has no variant {LIVE!r}")
    return live
