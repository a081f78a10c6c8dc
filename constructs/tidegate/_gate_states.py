"""States for gates and hooks, which only those machines have whose plan asks for them."""

from tidegate._states import SHORT_PATIENCE, States, asked, catch, transient_retries


def gate_states(function_arn: str, *, invoke_and_wait: str, look_seconds: int) -> States:
    """Return the wait at a closed gate; it ends with an answer, or with the time for another look.

    What is answered does not matter: the decision is on record, where the judge reads it.

    Args:
        function_arn: The handler.
        invoke_and_wait: The service integration that calls it with a task token.
        look_seconds: Time between two looks of the judge.

    """
    return {
        "Gate": {
            "Type": "Task",
            "Resource": invoke_and_wait,
            "Parameters": {
                "FunctionName": function_arn,
                "Payload": {"state.$": "$", "token.$": "$$.Task.Token"},
            },
            "TimeoutSeconds": look_seconds,
            "ResultPath": "$.gate_answer",
            "Retry": transient_retries(SHORT_PATIENCE),
            "Catch": [
                {"ErrorEquals": ["States.Timeout"], "ResultPath": "$.gate_answer", "Next": "Judge"},
                catch("StartRollbackOnError", to="$.error"),
            ],
            "Next": "Judge",
        }
    }


def hook_states(function_arn: str, *, before_any_traffic: bool) -> States:
    """Return the call of a hook; after the first traffic the judge looks between two calls.

    Args:
        function_arn: The handler.
        before_any_traffic: Whether the first step has a hook before it, which waits by itself.

    """
    states = asked(
        "Hook",
        function_arn,
        {"DONE": "Judge", "CONTINUE": "JudgeWait", **({"SHIFT": "Shift"} if before_any_traffic else {})},
        otherwise="StartRollback",
        wait_on=("WAIT",) if before_any_traffic else (),
        on_error="StartRollbackOnError",
        attempts=SHORT_PATIENCE,
    )
    return {name: state for name, state in states.items() if before_any_traffic or name != "HookWait"}
