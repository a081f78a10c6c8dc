"""The alarms by their names, as the controller's stack calls them."""

from collections.abc import Callable
from typing import Any

from botocore.stub import Stubber

from tests.lambdas.fakes.plans import PLAN
from tidegate_runtime.adapters.alarms import CloudWatchAlarms

Stubbed = Callable[[str], tuple[Any, Stubber]]


def test_states_come_by_variant_and_name_and_a_missing_alarm_has_none(stubbed: Stubbed) -> None:
    client, stubber = stubbed("cloudwatch")
    names = [f"digits-{v}-{s}" for v in ("candidate", "live") for s in ("5xx", "model_errors")]
    found = [{"AlarmName": names[0], "StateValue": "OK"}, {"AlarmName": names[3], "StateValue": "ALARM"}]
    stubber.add_response("describe_alarms", {"MetricAlarms": found}, {"AlarmNames": names})
    assert CloudWatchAlarms(client, endpoint_name="digits", plan=PLAN).states(["candidate", "live"]) == {
        "candidate": {"digits-candidate-5xx": "OK", "digits-candidate-model_errors": ""},
        "live": {"digits-live-5xx": "", "digits-live-model_errors": "ALARM"},
    }
