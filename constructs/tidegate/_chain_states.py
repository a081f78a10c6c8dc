"""States by which a rollout goes on in the machine's next execution."""

from typing import Final

from tidegate._states import PATIENCE, States, catch, outcome, retry

_EXISTS: Final = "StepFunctions.ExecutionAlreadyExistsException"


def chain(machine_arn: str, start_execution: str, *, on_error: str) -> States:
    """Return `Begin`, which takes up what the execution before has left, and `Chain`, which starts the next.

    The next execution's name follows from the rollout and the number of the execution, and its input is the
    state: so a second start is none. `Chained` then ends this one, with the outcome CHAINED.

    Args:
        machine_arn: The machine itself.
        start_execution: The service integration that starts an execution.
        on_error: The next state when the next execution cannot be started.

    """
    taken_up = {"Variable": "$.phase", "IsPresent": True}
    watching = {"Variable": "$.phase", "StringEquals": "WATCHING"}
    return {
        "Begin": {
            "Type": "Choice",
            "Choices": [
                {"And": [taken_up, watching], "Next": "WatchWait"},
                {**taken_up, "Next": "JudgeWait"},
            ],
            "Default": "FirstVersion",
        },
        "Chain": {
            "Type": "Task",
            "Resource": start_execution,
            "Parameters": {
                "StateMachineArn": machine_arn,
                "Name.$": "States.Format('{}-c{}', $.rollout_id, $.link)",
                "Input.$": "$",
            },
            "ResultPath": None,
            "Retry": [
                {"ErrorEquals": [_EXISTS], "MaxAttempts": 0},
                retry(["States.ALL"], max_attempts=PATIENCE),
            ],
            "Catch": [
                {"ErrorEquals": [_EXISTS], "ResultPath": "$.error", "Next": "Chained"},
                catch(on_error, to="$.error"),
            ],
            "Next": "Chained",
        },
        "Chained": outcome("CHAINED", then="Ended"),
    }
