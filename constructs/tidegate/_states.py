"""States of Amazon States Language as plain dictionaries: a machine is read and tested without the CDK."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

State = Mapping[str, Any]
States = Mapping[str, State]

# `Throttled` and `Transient` are the handlers' own words for "ask again"; the others are Lambda's.
_THROTTLED: Final = ("Throttled", "Lambda.TooManyRequestsException")
_TRANSIENT: Final = (
    "Transient",
    "Lambda.ServiceException",
    "Lambda.SdkClientException",
    "Lambda.AWSLambdaException",
)
# Out of memory and time-outs: handlers are convergent, so trying again is safe, but it seldom helps.
_CRASHED: Final = ("Lambda.Unknown", "Sandbox.Timedout")
PATIENCE: Final = 100
"""Attempts, about 25 minutes, or 95 of throttles: where many rollouts start at once these last that long."""
_THROTTLED_SECONDS: Final = 120
"""Longest interval between two attempts at what is throttled.

With a thousand that wait, attempts every half minute would be throttled for their number alone. The judge of
a candidate with traffic waits as long: a rollback would be throttled by the same limits, but asks four times
as often; alarms still start one; and what was not read is counted later.
"""
SHORT_PATIENCE: Final = 20
"""Attempts, about four minutes: as long may a candidate have traffic whose judge meets other errors."""


def task(
    function_arn: str,
    *,
    then: str,
    on_error: str | None = None,
    attempts: int = PATIENCE,
    never_give_up: bool = False,
) -> State:
    """Return a state that hands the whole state to a handler and goes on with what it returns.

    Args:
        function_arn: The handler.
        then: The next state.
        on_error: The next state when retries did not help; the execution fails by default.
        attempts: How often a transient error other than a throttle is retried.
        never_give_up: Retry every error until the machine's own time-out.

    """
    retries = [retry(["States.ALL"], max_attempts=10_000)] if never_give_up else transient_retries(attempts)
    caught = {} if on_error is None else {"Catch": [catch(on_error, to="$.error")]}
    return {"Type": "Task", "Resource": function_arn, "Retry": retries, **caught, "Next": then}


def transient_retries(attempts: int) -> list[State]:
    """Return the retriers for what may succeed later: throttles most patiently, crashes twice."""
    return [
        retry(_THROTTLED, max_attempts=PATIENCE, longest=_THROTTLED_SECONDS),
        retry(_TRANSIENT, max_attempts=attempts),
        retry(_CRASHED, max_attempts=2),
    ]


def retry(errors: Sequence[str], *, max_attempts: int, first_seconds: int = 1, longest: int = 30) -> State:
    """Return a retrier: each interval is twice the one before, with jitter, up to `longest` seconds."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": first_seconds,
        "BackoffRate": 2,
        "MaxAttempts": max_attempts,
        "MaxDelaySeconds": longest,
        "JitterStrategy": "FULL",
    }


def catch(then: str, *, to: str) -> State:
    """Return a catcher of every error, which writes the error at the path `to`."""
    return {"ErrorEquals": ["States.ALL"], "ResultPath": to, "Next": then}


def asked(
    name: str,
    function_arn: str,
    routes: Mapping[str, str],
    *,
    otherwise: str,
    wait_on: Sequence[str] = ("WAIT",),
    on_error: str | None = None,
    attempts: int = PATIENCE,
    never_give_up: bool = False,
) -> States:
    """Return the loop of asking a handler: `{name}`, `{name}Status` and `{name}Wait`.

    Args:
        name: Name of the task.
        function_arn: The handler.
        routes: Next state by the `status` that it answers.
        otherwise: Where any other status leads, so that an unknown answer never goes forward.
        wait_on: Statuses that mean "ask again in `wait_seconds`".
        on_error: As of `task`.
        attempts: As of `task`.
        never_give_up: As of `task`.

    """
    status, wait = f"{name}Status", f"{name}Wait"
    return {
        name: task(
            function_arn, then=status, on_error=on_error, attempts=attempts, never_give_up=never_give_up
        ),
        status: choice({**dict.fromkeys(wait_on, wait), **routes}, otherwise=otherwise),
        wait: {"Type": "Wait", "SecondsPath": "$.wait_seconds", "Next": name},
    }


def choice(routes: Mapping[str, str], *, otherwise: str) -> State:
    """Return a choice by the status."""
    choices = [
        {"Variable": "$.status", "StringEquals": status, "Next": then} for status, then in routes.items()
    ]
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}


def outcome(value: str, *, then: str) -> State:
    """Return a state that writes how it ended."""
    return {"Type": "Pass", "Result": value, "ResultPath": "$.outcome", "Next": then}
