"""Every call that a rollout makes: throttled, unanswered, or the last that the function's process makes."""

from typing import Final

import pytest

from tests.lambdas.wire.rollouts import Rollout
from tests.lambdas.wire.scripts import answer_lost, dies_after, dies_before, refused
from tests.lambdas.wire.transport import Script

THROTTLES: Final = {
    "StartExecution": "ThrottlingException",
    "GetItem": "ProvisionedThroughputExceededException",
    "PutItem": "ThrottlingException",
    "Query": "RequestLimitExceeded",
    "DeleteItem": "ProvisionedThroughputExceededException",
    "GetParameter": "ThrottlingException",
    "PutParameter": "TooManyUpdates",
    "DescribeModelPackage": "ThrottlingException",
    "HeadObject": "503",
    "DescribeStacks": "Throttling",
    "DescribeStackResources": "Throttling",
    "UpdateStack": "Throttling",
    "DescribeEndpoint": "ThrottlingException",
    "DescribeEndpointConfig": "ThrottlingException",
    "DescribeModel": "ThrottlingException",
    "CreateModel": "ThrottlingException",
    "CreateEndpointConfig": "ThrottlingException",
    "UpdateEndpoint": "ThrottlingException",
    "UpdateEndpointWeightsAndCapacities": "ThrottlingException",
    "GetMetricData": "Throttling",
    "DescribeAlarms": "Throttling",
    "DescribeScalableTargets": "ThrottlingException",
    "RegisterScalableTarget": "TooManyRequestsException",
}
"""How each service says that a call is one too many. What only gives notice is not among them."""
CHANGES: Final = (
    "PutItem",
    "DeleteItem",
    "PutParameter",
    "UpdateStack",
    "CreateModel",
    "CreateEndpointConfig",
    "UpdateEndpoint",
    "UpdateEndpointWeightsAndCapacities",
    "RegisterScalableTarget",
)
HARMLESS_TWICE: Final = ("PutItem", "PutParameter", "RegisterScalableTarget")
"""Changes that say what shall be, and not what is to be done."""


def test_the_table_names_every_call_of_a_rollout() -> None:
    made = {request.operation for request in Rollout.ready().run().wire.requests}
    assert made == {*THROTTLES, "PutEvents", "Publish"}


@pytest.mark.parametrize("operation", THROTTLES)
def test_too_many_requests_delay_a_rollout_and_nothing_else(operation: str) -> None:
    throttle = refused(THROTTLES[operation], "slow down", status=503 if operation == "HeadObject" else 400)
    # The function behind approvals is run by EventBridge, not by a state machine that tries for minutes.
    times = 2 if operation in ("StartExecution", "Query") else 8
    rollout = Rollout.ready().scripted(operation, *[throttle] * times).run()
    rollout.assert_promoted()


@pytest.mark.parametrize("operation", ["StartExecution", *CHANGES])
def test_an_answer_that_was_lost_after_the_change_makes_no_second_change(operation: str) -> None:
    undisturbed = Rollout.ready().run()
    rollout = Rollout.ready().scripted(operation, answer_lost).run()
    rollout.assert_promoted()
    again = rollout.wire.carried_out[operation] - undisturbed.wire.carried_out[operation]
    assert again <= (operation in HARMLESS_TWICE)
    assert list(rollout.service.ledger.runs) == list(undisturbed.service.ledger.runs)


@pytest.mark.parametrize("script", [dies_before, dies_after])
@pytest.mark.parametrize("operation", CHANGES)
def test_a_function_that_dies_at_a_change_runs_again_to_the_same_end(operation: str, script: Script) -> None:
    rollout = Rollout.ready().scripted(operation, script).run()
    rollout.assert_promoted()
