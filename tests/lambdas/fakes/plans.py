"""A plan that is short enough to run thousands of times."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from tests.lambdas.fakes.users import AFTER, APPROVER, BEFORE
from tidegate_runtime.plan import GUARDRAILS, Plan, ShadowPhase, Step
from tidegate_runtime.plan_gates import StepGate
from tidegate_runtime.samples import parse_samples

DOCUMENT: dict[str, Any] = {
    "bucket_seconds": 60,
    "settle_seconds": 60,
    "steps": [
        {"weight_percent": 10, "min_bake_seconds": 60, "max_bake_seconds": 600, "min_requests": 100},
        {"weight_percent": 100, "min_bake_seconds": 60, "max_bake_seconds": 600, "min_requests": 100},
    ],
    "watch": {"min_bake_seconds": 60, "max_bake_seconds": 600, "min_requests": 100},
    "candidate_instances": None,
    "signals": [
        {"name": "5xx", "metric": "Invocation5XXErrors", "max_ratio": 1.0, "max_rate": 0.01},
        {"name": "model_errors", "metric": "InvocationModelErrors", "max_ratio": 1.0, "max_rate": 0.01},
    ],
    "alpha": 0.01,
    "alpha_promote": 0.05,
    "promote_margin": 1.5,
    "on_inconclusive": "roll_back",
    "on_no_data": "roll_back",
    "rollback_hold_seconds": 60,
}

PLAN = Plan.from_json(json.dumps(DOCUMENT))

SAMPLES = parse_samples(
    {
        "samples": [
            {"name": name, "body": [number], "expect": {"equals": [7], "latency_ms": 5_000}}
            for number, name in enumerate(("usual", "empty", "large"))
        ]
    },
    read=lambda name: name.encode(),
)
"""What the versions of the fakes answer, unless they are wrong."""

SHADOW_PHASE = ShadowPhase(traffic_percent=50, min_bake_seconds=60, max_bake_seconds=600, min_requests=100)
CONTEST_BAKE = {"min_bake_seconds": 120, "max_bake_seconds": 3_600, "min_requests": 400}
AB_TEST = {"metric": "Purchases", "namespace": "Shop"}
BANDIT = {**AB_TEST, "floor_percent": 10, "reweigh_seconds": 300}


def contest_document(contest: Mapping[str, Any], *, percent: int = 50) -> dict[str, Any]:
    """Return a plan in which the versions compete before the last step."""
    step = {"weight_percent": percent, **CONTEST_BAKE, "contest": dict(contest)}
    return {**DOCUMENT, "steps": [step, DOCUMENT["steps"][-1]]}


def contest_plan(contest: Mapping[str, Any], *, percent: int = 50) -> Plan:
    """Return that plan as the handlers read it."""
    return Plan.from_json(json.dumps(contest_document(contest, percent=percent)))


BAKE_SECONDS: Final = 300

GATES: Final = (StepGate(max_wait_seconds=1_800), StepGate(max_wait_seconds=900, function_arn=APPROVER))
"""Gates that a person opens, and that a function does; short ones, since each look costs time here too."""
_GATED: Final = [replace(step, gate=gate) for step, gate in zip(PLAN.steps, GATES, strict=True)]

FEATURES: Final[Mapping[str, Mapping[str, Any]]] = {
    "asks_a_human": {"on_no_data": "needs_human", "on_inconclusive": "needs_human"},
    "queue": {"on_new_approval": "queue"},
    "supersede": {"on_new_approval": "supersede"},
    "shadow": {"shadow": SHADOW_PHASE},
    "chain": {"looks_per_execution": 3},
    "gates": {"steps": tuple(_GATED)},
    "hooks": {"steps": tuple(replace(step, before=BEFORE, after=AFTER) for step in PLAN.steps)},
    "ab_test": {"steps": contest_plan(AB_TEST).steps},
    "bandit": {"steps": contest_plan(BANDIT).steps},
    "goes_back": {"on_live_rejected": "go_back"},
    "guardrails": {
        "backend": GUARDRAILS,
        "steps": tuple(
            Step(weight_percent=percent, min_bake_seconds=seconds, max_bake_seconds=seconds, min_requests=0)
            for percent, seconds in ((50, BAKE_SECONDS), (100, BAKE_SECONDS))
        ),
        "shadow": None,
        # What a canary would have seen beside `live`, the watch has to see alone, against `max_rate`.
        "watch": replace(PLAN.watch, min_requests=200),
    },
}
"""What a schedule's plan may have that the short one has not, by name; what comes later wins."""


def plan_with(features: Iterable[str]) -> Plan:
    """Return the short plan with some features."""
    plan = PLAN
    for name in features:
        plan = replace(plan, **FEATURES[name])
    return plan


GUARDED: Final = plan_with(["guardrails"])
"""The same, carried out by SageMaker's own guardrails."""
