"""Abort a rollout: start its rollback, and see the weight at 0."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.endpoint import EndpointView
from tidegate_cli.operator.ledger import Ledger, Run
from tidegate_cli.operator.session import Aws, error_code

_POLL_SECONDS = 2.0
_PROMOTED = frozenset({"PROMOTING", "PROMOTED", "WATCHING", "WATCHED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """An abort that was asked for.

    Attributes:
        rollout_id: Which rollout.
        already: Whether its rollback had been started before.
        promoted: Whether the version was being promoted already: then the way back is a stack update.

    """

    rollout_id: str
    already: bool
    promoted: bool


def start_rollback(aws: Aws, controller: Controller, *, reason: str) -> Abort:
    """Start the rollback machine for the rollout in flight; a rollback that exists is fine.

    Works without the rollout's own machine: rolling back depends on neither judge nor events.

    Raises:
        CliError: NOTHING_IN_FLIGHT when no rollout is in flight.

    """
    run = _in_flight(Ledger.read_runs(aws.dynamodb, table=controller.ledger, endpoint=controller.endpoint))
    if run is None:
        raise CliError(f"no rollout in flight on {controller.endpoint}", ExitCode.NOTHING_IN_FLIGHT)
    document = {"rollout_id": run.rollout_id, "reason": reason, "source": "operator"}
    already = False
    try:
        aws.state_machines.start_execution(
            stateMachineArn=controller.rollback_machine,
            name=f"rb-{run.rollout_id}",
            input=json.dumps(document),
        )
    except ClientError as error:
        if error_code(error) != "ExecutionAlreadyExists":
            raise
        already = True
    promoted = str(run.body.get("phase", "")) in _PROMOTED
    return Abort(rollout_id=run.rollout_id, already=already, promoted=promoted)


def _in_flight(ledger: Ledger) -> Run | None:
    # A rollout that waits for a human still has its candidate in traffic, so it can be aborted.
    waiting = ledger.newest
    if ledger.in_flight is None and waiting is not None and waiting.status == "NEEDS_HUMAN":
        return waiting
    return ledger.in_flight


def wait_for_weight_zero(
    aws: Aws,
    controller: Controller,
    *,
    timeout_seconds: float,
    report: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Wait until the candidate has no weight; return the seconds it took.

    Args:
        aws: The clients.
        controller: Whose endpoint.
        timeout_seconds: When to give up waiting. The rollback goes on regardless.
        report: Gets a line each time what is seen changes.
        clock: Monotonic seconds.
        sleep: Waits.

    Raises:
        CliError: NOT_CONFIRMED when the time is over.

    """
    begin, seen = clock(), ""
    while True:
        view = EndpointView.read(aws.sagemaker, controller.endpoint)
        line = f"{view.status}, {100 * view.candidate_share:.1f} % of the traffic to the candidate"
        if line != seen:
            report(line)
            seen = line
        if view.candidate_weight == 0 and view.candidate_share == 0:
            return clock() - begin
        if clock() - begin > timeout_seconds:
            raise CliError(
                f"weight 0 not seen within {timeout_seconds:.0f} s ({line}); the rollback goes on by itself",
                ExitCode.NOT_CONFIRMED,
            )
        sleep(_POLL_SECONDS)
