"""Scalable targets with all that hangs on them, their record, and clients that are made late."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.stub import ANY, Stubber

from tidegate_runtime.adapters import aws
from tidegate_runtime.adapters.attachments import VariantAttachments
from tidegate_runtime.adapters.scaling_record import DynamoScalingRecord
from tidegate_runtime.attachment import Attachment
from tidegate_runtime.errors import Rejected
from tidegate_runtime.state import Suspended

Stubbed = Callable[[str], tuple[Any, Stubber]]

KEY = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/live",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
OLD_ARN = (
    f"arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:{'1' * 36}:resource/x:policyName/live-burst"
)
NEW_ARN = OLD_ARN.replace("1", "2")
TOPIC = "arn:aws:sns:us-east-1:000000000000:people"
NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
BURST = {
    "PolicyName": "live-burst",
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": []},
}
ALARM = {
    "AlarmName": "digits-scaling-live-burst",
    "MetricName": "Invocations",
    "Namespace": "AWS/SageMaker",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
MORNING = {
    "ScheduledActionName": "morning",
    "Schedule": "cron(0 7 * * ? *)",
    "ScalableTargetAction": {"MinCapacity": 4},
}
WANTED = Attachment(
    instance_type="ml.m5.large",
    min_capacity=2,
    max_capacity=8,
    suspended=Suspended(scale_in=True),
    policies=(BURST,),
    alarms=({**ALARM, "AlarmActions": [TOPIC]},),
    schedules=(MORNING,),
)


@pytest.fixture
def stubs(stubbed: Stubbed) -> tuple[VariantAttachments, Stubber, Stubber]:
    (scaling, on_scaling), (alarms, on_alarms) = stubbed("application-autoscaling"), stubbed("cloudwatch")
    return VariantAttachments(scaling, alarms, endpoint_name="digits"), on_scaling, on_alarms


Stubs = tuple[VariantAttachments, Stubber, Stubber]


def described(policy: dict[str, Any], arn: str) -> dict[str, Any]:
    return {**KEY, **policy, "PolicyARN": arn, "CreationTime": NOW, "Alarms": []}


def scheduled(action: dict[str, Any]) -> dict[str, Any]:
    return {**KEY, **action, "ScheduledActionARN": "arn", "CreationTime": NOW}


def test_a_registration_is_read_as_the_requests_that_make_it(stubs: Stubs) -> None:
    attachments, scaling, alarms = stubs
    target = {
        **KEY,
        "MinCapacity": 2,
        "MaxCapacity": 8,
        "RoleARN": "role",
        "CreationTime": NOW,
        "SuspendedState": {"DynamicScalingInSuspended": True},
    }
    scaling.add_response(
        "describe_scalable_targets",
        {"ScalableTargets": [target]},
        {
            "ServiceNamespace": "sagemaker",
            "ResourceIds": ["endpoint/digits/variant/live", "endpoint/digits/variant/other"],
            "ScalableDimension": KEY["ScalableDimension"],
        },
    )
    scaling.add_response("describe_scaling_policies", {"ScalingPolicies": [described(BURST, OLD_ARN)]}, KEY)
    scaling.add_response(
        "describe_scheduled_actions", {"ScheduledActions": [scheduled({**MORNING, "StartTime": NOW})]}, KEY
    )
    alarms.add_response(
        "describe_alarms",
        {"MetricAlarms": [{**ALARM, "AlarmActions": [OLD_ARN, TOPIC], "StateValue": "OK", "OKActions": []}]},
        {"AlarmNames": ["digits-scaling-live-burst"], "AlarmTypes": ["MetricAlarm"]},
    )
    found = attachments.registered({"live": "ml.m5.large", "other": "ml.m5.large"})
    expected = {**WANTED.to_dict(), "ScheduledActions": [{**MORNING, "StartTime": NOW.timestamp()}]}
    assert {name: one.to_dict() for name, one in found.items()} == {"live": expected}


def test_an_alarm_that_runs_a_policy_of_an_earlier_registration_does_not_count(stubs: Stubs) -> None:
    attachments, scaling, alarms = stubs
    target = {**KEY, "MinCapacity": 2, "MaxCapacity": 8, "RoleARN": "role", "CreationTime": NOW}
    scaling.add_response("describe_scalable_targets", {"ScalableTargets": [target]})
    scaling.add_response("describe_scaling_policies", {"ScalingPolicies": [described(BURST, NEW_ARN)]})
    scaling.add_response("describe_scheduled_actions", {"ScheduledActions": []})
    alarms.add_response("describe_alarms", {"MetricAlarms": [{**ALARM, "AlarmActions": [OLD_ARN]}]})
    assert attachments.registered({"live": "ml.m5.large"})["live"].alarms == ()


def test_attaching_gives_the_alarm_the_policy_of_now_and_removes_what_is_not_wanted(stubs: Stubs) -> None:
    attachments, scaling, alarms = stubs
    state = {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }
    scaling.add_response(
        "register_scalable_target", {}, {**KEY, "MinCapacity": 2, "MaxCapacity": 8, "SuspendedState": state}
    )
    scaling.add_response("put_scaling_policy", {"PolicyARN": NEW_ARN}, {**KEY, **BURST})
    alarms.add_response("put_metric_alarm", {}, {**ALARM, "AlarmActions": [TOPIC, NEW_ARN]})
    scaling.add_response("put_scheduled_action", {}, {**KEY, **MORNING})
    gone = {**BURST, "PolicyName": "live-gone"}
    scaling.add_response(
        "describe_scaling_policies",
        {"ScalingPolicies": [described(BURST, NEW_ARN), described(gone, OLD_ARN)]},
        KEY,
    )
    alarms.add_response("delete_alarms", {}, {"AlarmNames": ["digits-scaling-live-gone"]})
    scaling.add_response("delete_scaling_policy", {}, {**KEY, "PolicyName": "live-gone"})
    evening = {**MORNING, "ScheduledActionName": "evening"}
    scaling.add_response(
        "describe_scheduled_actions", {"ScheduledActions": [scheduled(MORNING), scheduled(evening)]}, KEY
    )
    scaling.add_response("delete_scheduled_action", {}, {**KEY, "ScheduledActionName": "evening"})
    attachments.attach("live", WANTED)


def test_a_target_that_is_registered_already_keeps_what_is_suspended(stubs: Stubs) -> None:
    attachments, scaling, _ = stubs
    scaling.add_response("register_scalable_target", {}, {**KEY, "MinCapacity": 1, "MaxCapacity": 2})
    scaling.add_response("describe_scaling_policies", {"ScalingPolicies": []}, KEY)
    scaling.add_response("describe_scheduled_actions", {"ScheduledActions": []}, KEY)
    attachments.attach("live", Attachment(instance_type="ml.m5.large", min_capacity=1, max_capacity=2))


@pytest.mark.parametrize(("schedule", "raises"), [("at(2020-01-01T00:00:00)", False), ("rate(1 day)", True)])
def test_a_schedule_whose_only_time_is_over_is_no_reason_to_stop(
    stubs: Stubs, schedule: str, raises: bool
) -> None:
    attachments, scaling, _ = stubs
    action = {"ScheduledActionName": "once", "Schedule": schedule}
    wanted = Attachment(instance_type="ml.m5.large", min_capacity=1, max_capacity=2, schedules=(action,))
    scaling.add_response("register_scalable_target", {})
    scaling.add_client_error("put_scheduled_action", "ValidationException", http_status_code=400)
    if raises:
        with pytest.raises(Rejected):
            attachments.attach("live", wanted)
        return
    scaling.add_response("describe_scaling_policies", {"ScalingPolicies": []}, KEY)
    scaling.add_response("describe_scheduled_actions", {"ScheduledActions": []}, KEY)
    attachments.attach("live", wanted)


def test_a_variant_that_is_not_registered_counts_as_detached(stubs: Stubs) -> None:
    attachments, scaling, _ = stubs
    scaling.add_client_error("deregister_scalable_target", "ObjectNotFoundException", http_status_code=400)
    attachments.detach("live")
    scaling.add_client_error("deregister_scalable_target", "ValidationException", http_status_code=400)
    with pytest.raises(Rejected):
        attachments.detach("live")


def test_nothing_is_asked_about_no_variants_and_no_alarms(stubs: Stubs) -> None:
    attachments, _, _ = stubs
    assert attachments.registered({}) == {}
    attachments.remove_alarms([])


def test_the_record_is_cleared_only_as_it_was_read(stubbed: Stubbed) -> None:
    client, stubber = stubbed("dynamodb")
    record = DynamoScalingRecord(client, table="ledger", endpoint_name="digits")
    key = {"endpoint": {"S": "digits"}, "entry": {"S": "SCALING"}}
    kept: dict[str, Any] = {}

    def keep(params: dict[str, Any], **_: Any) -> None:
        kept.update(params["Item"])

    client.meta.events.register("provide-client-params.dynamodb.PutItem", keep)
    stubber.add_response("put_item", {}, {"TableName": "ledger", "Item": {**key, "body": ANY}})
    record.write({"live": WANTED})
    stubber.add_response(
        "get_item", {"Item": kept}, {"TableName": "ledger", "Key": key, "ConsistentRead": True}
    )
    read = record.read()
    assert read is not None
    assert {name: one.to_dict() for name, one in read.items()} == {"live": WANTED.to_dict()}
    condition = {
        "TableName": "ledger",
        "Key": key,
        "ConditionExpression": "#body = :body",
        "ExpressionAttributeNames": {"#body": "body"},
        "ExpressionAttributeValues": {":body": kept["body"]},
    }
    stubber.add_client_error(
        "delete_item", "ConditionalCheckFailedException", http_status_code=400, expected_params=condition
    )
    record.clear(read)
    stubber.add_response("get_item", {})
    assert record.read() is None


def test_a_deferred_client_is_made_once_at_its_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, Config]] = []
    patient = Config(read_timeout=40)

    class Client:
        def __init__(self, service: str, *, config: Config) -> None:
            made.append((service, config))

        def describe_alarms(self) -> str:
            return "alarms"

    monkeypatch.setattr(aws, "client", Client)
    late = aws.deferred("cloudwatch", config=patient)
    assert made == []
    assert (late.describe_alarms(), late.describe_alarms()) == ("alarms", "alarms")
    assert made == [("cloudwatch", patient)]
