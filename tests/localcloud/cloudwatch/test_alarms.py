"""Alarms on the cloud clock: evaluation, what is kept, and what is refused."""

from typing import TYPE_CHECKING, Any

import pytest

from localcloud.cloudwatch import CloudWatch
from localcloud.errors import AwsError, NotEmulated

if TYPE_CHECKING:
    from tests.localcloud.cloudwatch.conftest import World

TOPIC = "arn:aws:sns:us-east-1:000000000000:pager"
ERROR_SHARE: list[dict[str, Any]] = [
    {
        "Id": "share",
        "Expression": "IF(requests >= 50, errors / requests, 0)",
        "Label": "share of bad requests",
    },
    *(
        {
            "Id": identity,
            "MetricStat": {
                "Metric": {
                    "Namespace": "Test",
                    "MetricName": name,
                    "Dimensions": [{"Name": "VariantName", "Value": "candidate"}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for identity, name in (("requests", "Requests"), ("errors", "Errors"))
    ),
]


def test_a_new_alarm_starts_without_data_and_is_evaluated_soon(world: "World") -> None:
    world.alarm(TreatMissingData="notBreaching")
    assert world.state("broken") == "INSUFFICIENT_DATA"
    world.clock.advance(12)
    assert world.state("broken") == "OK"


def test_an_updated_alarm_keeps_its_state(world: "World") -> None:
    world.alarm()
    world.call("SetAlarmState", AlarmName="broken", StateValue="ALARM", StateReason="test")
    world.alarm(Threshold=100.0)
    assert world.state("broken") == "ALARM"


@pytest.mark.parametrize(("samples", "expected"), [(99, "OK"), (100, "ALARM")])
def test_a_percentile_of_too_few_samples_leaves_the_state_when_it_is_told_to(
    world: "World", samples: int, expected: str
) -> None:
    changes = {"ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": "ignore"}
    world.alarm(**changes, Statistic=None, TreatMissingData="notBreaching", EvaluationPeriods=1)
    world.clock.advance(60)
    assert world.state("broken") == "OK"
    for _ in range(samples):
        world.record(100.0)
    world.clock.advance(65)
    assert world.state("broken") == expected


def test_an_alarm_waits_for_the_end_of_the_period(world: "World") -> None:
    world.alarm(TreatMissingData="notBreaching")
    world.clock.advance(60)
    world.record(6)
    world.clock.advance(55)
    assert world.state("broken") == "OK"
    world.clock.advance(10)
    assert world.state("broken") == "ALARM"


def test_an_alarm_with_a_short_period_is_evaluated_every_ten_seconds(world: "World") -> None:
    world.alarm(Period=10, TreatMissingData="notBreaching")
    world.clock.advance(20)
    world.record(6)
    world.clock.advance(13)
    assert world.state("broken") == "ALARM"


def test_only_the_alarms_own_dimensions_count(world: "World") -> None:
    world.alarm(TreatMissingData="notBreaching")
    world.record(100, VariantName="live")
    world.record(100, VariantName="candidate", EndpointName="digits")
    world.clock.advance(130)
    assert world.state("broken") == "OK"


def test_two_out_of_three_breaching_periods_need_not_be_adjacent(world: "World") -> None:
    world.alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    for value in (6, 0, 6):
        world.record(value)
        world.clock.advance(60)
    world.clock.advance(10)
    assert world.state("broken") == "ALARM"


def test_a_metric_math_alarm_fires_on_a_share_and_not_on_a_handful_of_requests(world: "World") -> None:
    world.alarm(Metrics=ERROR_SHARE, Threshold=0.5, TreatMissingData="notBreaching")
    for requests, expected in ((49, "OK"), (50, "ALARM")):
        for _ in range(requests):
            world.record(1, name="Requests")
            world.record(1)
        world.clock.advance(60)
        world.clock.advance(10)
        assert world.state("broken") == expected


def test_a_set_state_lasts_until_the_next_evaluation(world: "World") -> None:
    world.alarm(TreatMissingData="notBreaching")
    world.clock.advance(30)
    world.call("SetAlarmState", AlarmName="broken", StateValue="ALARM", StateReason="test")
    assert world.state("broken") == "ALARM"
    world.clock.advance(60)
    assert world.state("broken") == "OK"


def test_a_deleted_alarm_is_gone_and_evaluated_no_more(world: "World") -> None:
    world.alarm()
    world.call("DeleteAlarms", AlarmNames=["broken", "unknown"])
    world.record(6)
    world.clock.advance(130)
    assert world.call("DescribeAlarms")["MetricAlarms"] == []
    assert world.events == []


def test_tags_are_set_at_creation_only_and_changed_by_tagging(world: "World") -> None:
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:broken"
    world.alarm(Tags=[{"Key": "service", "Value": "digits"}])
    world.alarm(Tags=[{"Key": "service", "Value": "other"}])
    world.call("TagResource", ResourceARN=arn, Tags=[{"Key": "team", "Value": "ml"}])
    world.call("UntagResource", ResourceARN=arn, TagKeys=["unknown"])
    found = world.call("ListTagsForResource", ResourceARN=arn)["Tags"]
    assert found == [{"Key": "service", "Value": "digits"}, {"Key": "team", "Value": "ml"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"Threshold": None},
        {"EvaluationPeriods": None},
        {"ComparisonOperator": None},
        {"Statistic": None},
        {"ExtendedStatistic": "p99"},
        {"Period": None},
        {"Period": 5},
        {"Period": 61},
        {"DatapointsToAlarm": 2},
        {"TreatMissingData": "sometimes"},
        {"EvaluationPeriods": 1441},
        {"Metrics": ERROR_SHARE, "Namespace": "Test"},
        {"Metrics": [{**each, "ReturnData": True} for each in ERROR_SHARE]},
        {"Metrics": [{"Id": "share", "Expression": "SUM(requests)"}, *ERROR_SHARE[1:]]},
        {"Metrics": [{"Id": "share", "Expression": "requests / unknown"}, *ERROR_SHARE[1:]]},
        {"Metrics": [{"Id": "share", "Expression": "share + requests"}, *ERROR_SHARE[1:]]},
    ],
    ids=str,
)
def test_rejects_alarms_that_cloudwatch_would_refuse(world: "World", changes: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as caught:
        world.alarm(**changes)
    assert not isinstance(caught.value, NotEmulated)
    assert world.call("DescribeAlarms")["MetricAlarms"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"AlarmActions": ["arn:aws:lambda:us-east-1:000000000000:function:f"]},
        {"EvaluateLowSampleCountPercentile": "perhaps"},
        {"ThresholdMetricId": "band"},
        {"ComparisonOperator": "GreaterThanUpperThreshold"},
        {"WarmUpConfiguration": {}},
    ],
    ids=str,
)
def test_rejects_what_alarms_here_cannot_do(world: "World", changes: dict[str, Any]) -> None:
    with pytest.raises(AwsError):
        world.alarm(**changes)
    assert world.call("DescribeAlarms")["MetricAlarms"] == []


def test_rejects_actions_without_a_notification_service(world: "World") -> None:
    world.cloudwatch = CloudWatch(world.clock, lambda *_: None)
    with pytest.raises(NotEmulated, match="no notification service"):
        world.alarm(AlarmActions=[TOPIC])


def test_rejects_setting_the_state_of_an_unknown_alarm(world: "World") -> None:
    with pytest.raises(AwsError) as caught:
        world.call("SetAlarmState", AlarmName="none", StateValue="OK", StateReason="test")
    assert (caught.value.code, caught.value.status) == ("ResourceNotFound", 404)


def test_rejects_operations_that_are_not_emulated(world: "World") -> None:
    with pytest.raises(NotEmulated):
        world.call("PutDashboard", DashboardName="d", DashboardBody="{}")
