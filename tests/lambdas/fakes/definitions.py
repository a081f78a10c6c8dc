"""The shipped state machines, compiled for a plan: what runs in the tests is what is deployed."""

import functools
from typing import Final

from tests.lambdas.fakes.asl import INVOKE_AND_WAIT, START_EXECUTION, Definition, compiled
from tests.lambdas.fakes.parts import BACK, OUT
from tidegate._plan_waits import PlanWaits
from tidegate._rollback_machine import ROLLBACK_HANDLERS, rollback_definition
from tidegate._rollout_machine import ROLLOUT_HANDLERS, rollout_definition
from tidegate_runtime.plan import GUARDRAILS, Plan

_ARN: Final = "arn:aws:lambda:us-east-1:000000000000:function:digits-{}"
_FUNCTIONS: Final = {folder: _ARN.format(folder) for folder in {*ROLLOUT_HANDLERS, *ROLLBACK_HANDLERS}}
_FOLDERS: Final = {arn: folder for folder, arn in _FUNCTIONS.items()}


def rollout_machine(plan: Plan, *, samples: bool = False) -> Definition:
    """Return the machine that a plan gets, with or without samples to ask."""
    waits = PlanWaits(
        gate_seconds=plan.waits.gate_seconds,
        hooks=plan.waits.hooks,
        hook_before_any_traffic=bool(plan.steps[0].before),
    )
    return _rollout_machine(
        bakes_seconds=plan.bakes_seconds,
        shadow=plan.shadow is not None,
        chains=plan.may_chain,
        waits=waits,
        gate_look_seconds=waits.gate_look_seconds(plan.bucket_seconds),
        samples=samples,
        by_guardrails=plan.backend == GUARDRAILS,
    )


@functools.cache
def _rollout_machine(
    *,
    bakes_seconds: int,
    shadow: bool,
    chains: bool,
    waits: PlanWaits,
    gate_look_seconds: int,
    samples: bool,
    by_guardrails: bool,
) -> Definition:
    raw = rollout_definition(
        {folder: arn for folder, arn in _FUNCTIONS.items() if samples or folder != "try_samples"},
        rollback_arn=BACK,
        start_execution=START_EXECUTION,
        bakes_seconds=bakes_seconds,
        shadow=shadow,
        chained_arn=OUT if chains else None,
        waits=waits,
        gate_look_seconds=gate_look_seconds,
        invoke_and_wait=INVOKE_AND_WAIT,
        by_guardrails=by_guardrails,
    )
    return compiled(raw, _FOLDERS)


@functools.cache
def rollback_machine() -> Definition:
    """Return the machine that rolls back."""
    return compiled(rollback_definition(_FUNCTIONS), _FOLDERS)
