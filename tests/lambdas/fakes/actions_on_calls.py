"""What goes wrong with calls to AWS, and with the functions and machines that make them."""

from typing import Any, Final

from tests.lambdas.fakes.action_table import OneOf, Whole, action
from tests.lambdas.fakes.chaos import BESIDE, Chaos
from tests.lambdas.fakes.health import ROLLBACK_CALLS
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.world import Crash
from tidegate_runtime.errors import (
    Denied,
    EndpointBusy,
    Fault,
    QuotaExceeded,
    Rejected,
    Transient,
)
from tidegate_runtime.ports import Execution

CALLS: Final = (
    "sagemaker.describe",
    "sagemaker.update",
    "sagemaker.set_weights",
    "sagemaker.set_instances",
    "sagemaker.create_model",
    "sagemaker.create_config",
    "cloudformation.update",
    "cloudformation.describe",
    "ssm.write",
    "ssm.read",
    "dynamodb.save",
    "dynamodb.run",
    "dynamodb.log",
    "dynamodb.acquire",
    "dynamodb.release",
    "cloudwatch.sums",
    "runtime.invoke",
    "scaling.suspend",
    "scaling.suspended",
    "events.publish",
    "states.start",
    "states.stop",
    "tasks.answer",
    "functions.ask",
)

CHANGES: Final = (
    "sagemaker.update",
    "sagemaker.set_weights",
    "sagemaker.create_model",
    "sagemaker.create_config",
    "cloudformation.update",
    "ssm.write",
    "dynamodb.save",
    "scaling.suspend",
    "events.publish",
)

FUNCTIONS: Final = ("check", "prepare", "shift", "judge", "promote", "roll_back", "end")


@action(1, 2, 3, 6, 27, 40, call=OneOf(CALLS), applied=OneOf((False, True)), times=Whole(1, 3))
def throttle_or_lose_an_answer(chaos: Chaos, call: str, applied: bool, times: int) -> None:
    faults = chaos.world.faults
    (faults.after if applied else faults.before)[call] = [Transient(call) for _ in range(times)]


@action(16, 18, 40, call=OneOf(CHANGES), error=OneOf((Denied, QuotaExceeded, Rejected)), times=Whole(1, 3))
def refuse(chaos: Chaos, call: str, error: type[Fault], times: int) -> None:
    chaos.world.faults.before[call] = [error(call) for _ in range(times)]


@action(4, call=OneOf(("sagemaker.update", "sagemaker.set_weights")))
def refuse_our_own_repetition(chaos: Chaos, call: str) -> None:
    chaos.world.faults.after[call] = [EndpointBusy("Cannot update in-progress endpoint")]


@action(29, 40, service=OneOf((*BESIDE, "sagemaker", "cloudformation", "ssm")), seconds=Whole(1, 3_600))
def take_a_service_down(chaos: Chaos, service: str, seconds: int) -> None:
    chaos.world.faults.outages[service] = chaos.world.time + seconds


@action(19, call=OneOf((*ROLLBACK_CALLS.values(), "")))
def deny_a_rollback_one_of_its_calls(chaos: Chaos, call: str) -> None:
    chaos.world.faults.denied_to_roll_back = {call} - {""}


@action(31, 33, calls=Whole(1, 40))
def crash_soon(chaos: Chaos, calls: int) -> None:
    chaos.world.faults.crash_at = chaos.world.faults.calls + calls


@action(33, 34, function=OneOf(FUNCTIONS), dies=OneOf((False, True)), times=Whole(1, 10))
def keep_a_function_from_running(chaos: Chaos, function: str, dies: bool, times: int) -> None:
    errors: list[Any] = [Crash(function) if dies else Transient("TooManyRequests") for _ in range(times)]
    chaos.world.faults.before[f"lambda.{function}"] = errors


@action(35, times=Whole(1, 12))
def keep_the_machine_from_starting_a_rollback(chaos: Chaos, times: int) -> None:
    chaos.world.faults.before["machine.start"] = [Transient("StartExecution") for _ in range(times)]


@action(32)
def run_the_next_function_twice(chaos: Chaos) -> None:
    chaos.runs_twice = True


@action(31, 32, index=Whole(0, 5))
def replay_a_function(chaos: Chaos, index: int) -> None:
    chaos.replay(index)


@action(35)
def redrive(chaos: Chaos) -> None:
    chaos.redrive()


@action(35, events_are_lost=OneOf((False, True)), status=OneOf(("ABORTED", "TIMED_OUT")))
def break_the_execution(chaos: Chaos, events_are_lost: bool, status: str) -> None:
    chaos.events_are_lost = events_are_lost
    for key, view in chaos.executions.views.items():
        if key[0] == OUT and view.status == "RUNNING":
            chaos.executions.views[key] = Execution(status=status)
