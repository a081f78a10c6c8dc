"""The state machine of a rollout."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from tidegate._chain_states import chain
from tidegate._gate_states import gate_states, hook_states
from tidegate._plan_waits import PlanWaits
from tidegate._states import PATIENCE, SHORT_PATIENCE, State, States, asked, catch, outcome, retry, task

if TYPE_CHECKING:
    from tidegate.rollout_plan import RolloutPlan

ROLLOUT_HANDLERS: Final = (
    "first_version",
    "check",
    "roll_back",
    "prepare",
    "hook",
    "try_samples",
    "shift",
    "judge",
    "gate",
    "promote",
    "end",
)
"""Folders of the handlers that the machine calls; `hook`, `gate` and `try_samples` only where used."""
STEP_HANDLERS: Final = ("prepare", "shift")
"""Those of them that only a rollout with a candidate needs."""

# Room for the updates themselves, beside the bakes.
_UPDATES_SECONDS: Final = 6 * 3600
# What operators may hold one rollout, all in all; the lease bounds those that nobody holds.
_HOLDS_SECONDS: Final = 72 * 3600
_JUDGED_WAIT: Final = ("WAIT", "CONTINUE")
_ERROR: Final = "States.Format('{}: {}', $.error.Error, $.error.Cause)"


def unused_handlers(plan: "RolloutPlan", *, sampled: bool) -> set[str]:
    """Return the folders of the handlers that a plan has no use for."""
    waits = PlanWaits.of(plan.steps)
    used = {"gate": waits.gate_seconds > 0, "hook": waits.hooks > 0, "try_samples": sampled}
    used |= dict.fromkeys(STEP_HANDLERS, not plan.is_by_guardrails)
    return {folder for folder, wanted in used.items() if not wanted}


def rollout_definition(
    functions: Mapping[str, str],
    *,
    rollback_arn: str,
    start_execution: str,
    bakes_seconds: int,
    shadow: bool = False,
    chained_arn: str | None = None,
    waits: PlanWaits | None = None,
    gate_look_seconds: int = 0,
    invoke_and_wait: str = "",
    by_guardrails: bool = False,
) -> Mapping[str, Any]:
    """Return the machine of a rollout.

    FirstVersion, Check, Preflight, Prepare, Shift and Judge for each step, Promote, Watch, End. With a shadow
    phase Prepare is followed by Judge, and Judge by Prepare, before the first Shift. A version that goes live
    without a candidate goes from Preflight to Promote. Every error, and every status that is not expected,
    leads to the rollback's own machine.

    Args:
        functions: ARNs of the handlers, by folder; with `try_samples` the candidate is asked samples before
            it gets traffic.
        rollback_arn: The machine that rolls back.
        start_execution: The service integration that starts it.
        bakes_seconds: The longest that the plan's bakes take.
        shadow: Whether the plan begins with a shadow phase.
        chained_arn: The machine itself, for a plan whose looks may be too many for one execution: the judge
            then answers CHAIN, and the rollout goes on in the next one. None leaves it out.
        waits: What else the plan waits for; nothing by default.
        gate_look_seconds: Time between two looks of the judge at a closed gate.
        invoke_and_wait: The service integration that calls a function with a task token, for gates.
        by_guardrails: Whether SageMaker's guardrails move the traffic: then there are no steps here.

    """
    chained: Mapping[str, str] = {} if chained_arn is None else {"CHAIN": "Chain"}
    waits = waits if waits is not None and not by_guardrails else PlanWaits()
    direct = {"DIRECT": "Promote"}
    ahead = direct if by_guardrails else {"DONE": "Prepare", **direct}
    barriers = {
        **chained,
        **({"GATED": "Gate"} if waits.gate_seconds else {}),
        **({"HOOK": "Hook"} if waits.hooks else {}),
    }
    gates: States = (
        gate_states(functions["gate"], invoke_and_wait=invoke_and_wait, look_seconds=gate_look_seconds)
        if waits.gate_seconds
        else {}
    )
    hooks: States = (
        hook_states(functions["hook"], before_any_traffic=waits.hook_before_any_traffic)
        if waits.hooks
        else {}
    )
    first = "Hook" if waits.hook_before_any_traffic else "Shift"
    steps = {} if by_guardrails else _steps(functions, first=first, shadow=shadow, barriers=barriers)
    # Held: back to the evidence, so that what is promoted later has passed on the data of then.
    held = {} if by_guardrails else {"HELD": "JudgeWait"}
    return {
        "StartAt": "FirstVersion" if chained_arn is None else "Begin",
        "TimeoutSeconds": bakes_seconds + waits.seconds + _UPDATES_SECONDS + _HOLDS_SECONDS,
        "States": {
            **_asked("FirstVersion", functions["first_version"], {"FIRST": "Promoted", "NEXT": "Check"}),
            **_asked("Check", functions["check"], {"DONE": "Preflight"}),
            # The role that would roll back is asked what it may do, before there is anything to roll back.
            **_asked("Preflight", functions["roll_back"], {**ahead, "REFUSED": "Refused"}),
            **steps,
            **gates,
            **hooks,
            **_asked("Promote", functions["promote"], {"DONE": "WatchWait", **held}),
            **_asked(
                "Watch",
                functions["judge"],
                {"PASS": "Promoted", **chained, "NEEDS_HUMAN": "NeedsHuman"},
                wait_on=_JUDGED_WAIT,
                attempts=SHORT_PATIENCE,
            ),
            "Promoted": outcome("PROMOTED", then="End"),
            "Refused": outcome("ROLLED_BACK", then="End"),
            "NeedsHuman": outcome("NEEDS_HUMAN", then="End"),
            # No Catch: a version that is live and watched is not rolled back because the ledger is silent.
            "End": task(functions["end"], then="Ended", never_give_up=True),
            "Ended": {"Type": "Succeed"},
            **_chain(chained_arn, start_execution),
            **_rollback("StartRollback", "verdict", "$.reason", rollback_arn, start_execution),
            **_rollback("StartRollbackOnError", "execution", _ERROR, rollback_arn, start_execution),
        },
    }


def _steps(functions: Mapping[str, str], *, first: str, shadow: bool, barriers: Mapping[str, str]) -> States:
    mirrored: Mapping[str, str] = {"MIRRORED": "JudgeWait"} if shadow else {}
    shadowed: Mapping[str, str] = {"SHADOWED": "Prepare"} if shadow else {}
    sampled = "try_samples" in functions
    routes = {"PASS": "Promote", "NEXT_STEP": "Shift", "REWEIGH": "Shift", **shadowed, **barriers}
    return {
        **_asked("Prepare", functions["prepare"], {"DONE": "TrySamples" if sampled else first, **mirrored}),
        **(_asked("TrySamples", functions["try_samples"], {"DONE": first}) if sampled else {}),
        **_asked("Shift", functions["shift"], {"DONE": "JudgeWait"}),
        **_asked(
            "Judge",
            functions["judge"],
            {**routes, "NEEDS_HUMAN": "NeedsHuman"},
            wait_on=_JUDGED_WAIT,
            attempts=SHORT_PATIENCE,
        ),
    }


def _chain(machine_arn: str | None, start_execution: str) -> States:
    return {} if machine_arn is None else chain(machine_arn, start_execution, on_error="StartRollbackOnError")


def _asked(
    name: str,
    function_arn: str,
    routes: Mapping[str, str],
    *,
    wait_on: tuple[str, ...] = ("WAIT",),
    attempts: int = PATIENCE,
) -> States:
    return asked(
        name,
        function_arn,
        routes,
        otherwise="StartRollback",
        wait_on=wait_on,
        on_error="StartRollbackOnError",
        attempts=attempts,
    )


def _rollback(name: str, source: str, reason: str, rollback_arn: str, start_execution: str) -> States:
    failed = f"RollingBackOn{source.title()}"
    start: State = {
        "Type": "Task",
        "Resource": start_execution,
        "Parameters": {
            "StateMachineArn": rollback_arn,
            "Name.$": "States.Format('rb-{}', $.rollout_id)",
            "Input": {
                "rollout_id.$": "$.rollout_id",
                "reason.$": reason,
                "source": source,
                "state.$": "$",
            },
        },
        "Retry": [
            {"ErrorEquals": ["StepFunctions.ExecutionAlreadyExistsException"], "MaxAttempts": 0},
            retry(["States.ALL"], max_attempts=8),
        ],
        # Whatever stops this call, the failed execution is an event that leads to the rollback too.
        "Catch": [catch(failed, to="$.rollback_error")],
        "Next": failed,
    }
    return {name: start, failed: {"Type": "Fail", "Error": "RollingBack", "Cause": f"by {source}"}}
