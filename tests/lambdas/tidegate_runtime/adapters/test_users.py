"""Users' functions and waiting tasks through boto3's own clients."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime.adapters.functions import LambdaFunctions
from tidegate_runtime.adapters.tasks import WaitingTasks
from tidegate_runtime.errors import Denied, FunctionFailed, Transient

Stubbed = Callable[[str], tuple[Any, Stubber]]
ARN = "arn:aws:lambda:us-east-1:000000000000:function:approve"


def answer(text: str, **more: Any) -> dict[str, Any]:
    return {"StatusCode": 200, "Payload": io.BytesIO(text.encode()), **more}


def test_a_function_is_called_with_the_document_and_its_answer_returned(stubbed: Stubbed) -> None:
    client, stubber = stubbed("lambda")
    expected = {"FunctionName": ARN, "Payload": b'{"step": 1}'}
    stubber.add_response("invoke", answer('{"status": "DONE"}'), expected)
    assert LambdaFunctions(client).ask(ARN, {"step": 1}) == {"status": "DONE"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer('{"errorMessage": "no table"}', FunctionError="Unhandled"), "failed: no table"),
        (answer("null", FunctionError="Unhandled"), "failed: null"),
        (answer("<html>"), "must answer JSON, got '<html>'"),
    ],
)
def test_a_function_that_does_not_answer_has_failed(
    stubbed: Stubbed, given: dict[str, Any], words: str
) -> None:
    client, stubber = stubbed("lambda")
    stubber.add_response("invoke", given)
    with pytest.raises(FunctionFailed, match=words):
        LambdaFunctions(client).ask(ARN, {})


@pytest.mark.parametrize(
    ("code", "error"), [("TooManyRequestsException", Transient), ("AccessDeniedException", Denied)]
)
def test_a_call_that_is_refused_is_no_answer(stubbed: Stubbed, code: str, error: type[Exception]) -> None:
    client, stubber = stubbed("lambda")
    stubber.add_client_error("invoke", code, http_status_code=429 if error is Transient else 403)
    with pytest.raises(error):
        LambdaFunctions(client).ask(ARN, {})


def test_a_waiting_task_is_answered(stubbed: Stubbed) -> None:
    client, stubber = stubbed("stepfunctions")
    stubber.add_response("send_task_success", {}, {"taskToken": "t", "output": json.dumps({})})
    assert WaitingTasks(client).answer("t") is True


@pytest.mark.parametrize("code", ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"])
def test_a_task_that_waits_no_more_is_no_fault(stubbed: Stubbed, code: str) -> None:
    client, stubber = stubbed("stepfunctions")
    stubber.add_client_error("send_task_success", code)
    assert WaitingTasks(client).answer("t") is False
