"""What runs in memory is what ships: the machines' own definitions, state by state."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.lambdas.fakes.asl import INVOKE_AND_WAIT, START_EXECUTION, Definition, compiled
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, outcome
from tests.lambdas.fakes.parts import BACK, OUT
from tidegate_runtime.errors import Denied, Transient

ASKED = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": INVOKE_AND_WAIT,
            "Parameters": {
                "FunctionName": "arn:ask",
                "Payload": {"state.$": "$", "token.$": "$$.Task.Token", "run.$": "$$.Execution.Name"},
            },
            "ResultPath": "$.answer",
            "TimeoutSeconds": 900,
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Refused"}],
            "Next": "Answered",
        },
        "Answered": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.answer", "StringEquals": "yes", "Next": "Done"}],
            "Default": "Refused",
        },
        "Refused": {"Type": "Fail", "Error": "Refused"},
        "Done": {"Type": "Succeed"},
    },
}


class Asking(Service):
    """A service whose rollout asks one question, and notes what it was asked with."""

    more: Mapping[str, Any] = MappingProxyType({})

    def definition(self, machine: str) -> Definition:
        asked = compiled({**ASKED, **self.more}, {"arn:ask": "ask"})
        return asked if machine == OUT else super().definition(machine)

    def call(self, function: str, raw: dict[str, Any]) -> dict[str, Any]:
        if function != "ask":
            return super().call(function, raw)
        self.given = raw
        return {}


def asking(**more: Any) -> Asking:
    service = Asking()
    service.more = more
    service.deployed()
    service.events_are_lost = True
    service.approve(2)
    service.run(until=lambda: hasattr(service, "given"))
    return service


def test_a_task_that_waits_goes_on_with_the_answer_to_its_token() -> None:
    service = asking()
    assert service.given["run"] == V2
    assert service.given["state"]["rollout_id"] == V2
    service.answer_task(service.given["token"], output="yes")
    service.run()
    assert service.executions.views[OUT, V2].status == "SUCCEEDED"
    assert service.executions.views[OUT, V2].output["answer"] == "yes"


@pytest.mark.parametrize("refuses", [True, False])
def test_a_task_that_waits_fails_when_it_is_told_so_or_nobody_answers(refuses: bool) -> None:
    service = asking()
    began = service.world.time
    if refuses:
        service.answer_task(service.given["token"], error="No", cause="not today")
    service.run()
    assert service.executions.views[OUT, V2].status == "FAILED"
    assert service.world.time - began == (0 if refuses else 900)


def test_rejects_an_answer_that_nobody_waits_for() -> None:
    service = asking()
    token = service.given["token"]
    with pytest.raises(LookupError, match="token-99"):
        service.answer_task("token-99", output="yes")
    service.answer_task(token, output="yes")
    service.run()
    with pytest.raises(LookupError, match=token):
        service.answer_task(token, output="yes")


@pytest.mark.parametrize(("times", "end"), [(20, "PROMOTED"), (21, "ROLLED_BACK")])
def test_a_judge_that_is_throttled_is_asked_as_often_as_its_machine_says(times: int, end: str) -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.world.faults.before["cloudwatch.sums"] = [Transient("Throttling")] * times
    service.run()
    assert outcome(service) == end


def test_an_error_that_nobody_retries_starts_the_rollback_with_its_name() -> None:
    service = Service().deployed()
    service.approve(2)
    service.world.faults.before["sagemaker.create_model"] = [Denied("AccessDenied")]
    service.run()
    document = service.executions.inputs[BACK, f"rb-{V2}"]
    assert (document["source"], document["reason"]) == ("execution", "Denied: AccessDenied")


def test_an_execution_that_lasts_too_long_is_over_and_the_watchdog_is_told() -> None:
    service = asking(TimeoutSeconds=600)
    service.events_are_lost = False
    service.run()
    assert service.executions.views[OUT, V2].status == "TIMED_OUT"
    assert (BACK, f"rb-{V2}") in service.executions.inputs


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ({"Type": "Parallel", "Branches": [], "End": True}, "Parallel"),
        ({"Type": "Task", "Resource": "arn:other", "End": True}, "arn:other"),
        (
            {"Type": "Task", "Resource": START_EXECUTION, "HeartbeatSeconds": 5, "End": True},
            "HeartbeatSeconds",
        ),
        ({"Type": "Pass", "Result": 1, "Next": "Nowhere"}, "Nowhere"),
        ({"Type": "Wait", "SecondsPath": "$.waits[0]", "Next": "One"}, "waits"),
    ],
)
def test_rejects_a_definition_that_it_would_run_as_another_one(state: dict[str, Any], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        compiled({"StartAt": "One", "States": {"One": state}}, {"arn:known": "known"})
