"""Declared samples through the real client of SageMaker's runtime."""

import json

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.plans import SAMPLES
from tests.lambdas.wire.connect import connect
from tests.lambdas.wire.rollouts import Rollout
from tests.lambdas.wire.scripts import connection_closed, dies_after, lost, refused, throttled
from tests.lambdas.wire.transport import Answer, Request, Script, Serve


def sampling() -> Rollout:
    service = Service()
    service.samples = SAMPLES
    service.deployed()
    return Rollout(service=service, wire=connect(service))


not_ready = refused("ModelNotReadyException", "The model is not ready for inference yet.", status=429)


def model_error(request: Request, serve: Serve) -> Answer:
    """Answer as SageMaker does for a model that answered 500."""
    document = {
        "__type": "ModelError",
        "Message": "Received server error (500) from primary",
        "OriginalStatusCode": 500,
        "OriginalMessage": "ValueError: no such digit",
    }
    return Answer(status=424, body=json.dumps(document).encode())


def test_each_sample_is_sent_once_to_the_candidate_by_name() -> None:
    rollout = sampling().run()
    rollout.assert_promoted()
    asked = [one.params for one in rollout.wire.requests if one.operation == "InvokeEndpoint"]
    assert [one["Body"] for one in asked] == [sample.body.decode() for sample in SAMPLES]
    assert {one["TargetVariant"] for one in asked} == {"candidate"}


def test_a_model_that_is_not_ready_is_asked_again_and_by_nothing_but_the_state_machine() -> None:
    rollout = sampling().scripted("InvokeEndpoint", *[not_ready] * 7).run()
    rollout.assert_promoted()
    assert rollout.wire.sent("InvokeEndpoint") == 7 + len(SAMPLES)
    assert rollout.wire.carried_out["InvokeEndpoint"] == len(SAMPLES)


def test_a_model_that_is_never_ready_moves_no_traffic() -> None:
    rollout = sampling()
    rollout.wire.always["InvokeEndpoint"] = not_ready
    rollout.run()
    rollout.assert_rolled_back(reason="ModelNotReadyException", traffic=False)


@pytest.mark.parametrize("script", [throttled, lost, connection_closed, dies_after])
def test_an_answer_that_does_not_come_is_asked_for_again(script: Script) -> None:
    rollout = sampling().scripted("InvokeEndpoint", script).run()
    rollout.assert_promoted()


def test_an_error_of_the_model_itself_is_its_answer() -> None:
    rollout = sampling().scripted("InvokeEndpoint", model_error).run()
    rollout.assert_rolled_back(reason="status must be 200, is 500", traffic=False)
    assert "no such digit" in rollout.reason


def test_a_permission_that_is_missing_is_told_at_once() -> None:
    denied = refused(
        "AccessDeniedException", "not authorized to perform: sagemaker:InvokeEndpoint", status=403
    )
    rollout = sampling().scripted("InvokeEndpoint", denied).run()
    rollout.assert_rolled_back(reason="Denied", traffic=False)
    assert rollout.wire.sent("InvokeEndpoint") == 1
