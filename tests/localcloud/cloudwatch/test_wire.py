"""The service as real boto3 clients see it, over HTTP, in both protocols."""

from datetime import UTC, datetime
from typing import Any

MIDNIGHT = 1_800_000_000 // 86_400 * 86_400
METRIC = {"Namespace": "Test", "MetricName": "Latency"}
CANDIDATE = [{"Name": "VariantName", "Value": "candidate"}]
ALARM: dict[str, Any] = {
    **METRIC,
    "AlarmName": "slow",
    "Dimensions": CANDIDATE,
    "ExtendedStatistic": "p99",
    "Period": 60,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 250.5,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "ActionsEnabled": False,
    "Tags": [{"Key": "service", "Value": "digits"}],
}


def put(client: Any, **datum: Any) -> None:
    metric = {"MetricName": "Latency", "Dimensions": CANDIDATE, "Unit": "Milliseconds", **datum}
    client.put_metric_data(Namespace="Test", MetricData=[metric])


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(MIDNIGHT + seconds, UTC)


def query(stat: str, period: int = 60, **changes: Any) -> dict[str, Any]:
    metric = {**METRIC, "Dimensions": CANDIDATE}
    return {"Id": "m1", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **changes}


def test_samples_come_back_as_statistics_newest_first(client: Any) -> None:
    put(client, Values=[10.0, 20.0], Counts=[1.0, 3.0], Timestamp=at(-120))
    put(client, Value=40.0, Timestamp=at(-60))
    answer = client.get_metric_data(
        MetricDataQueries=[
            query("Average"),
            {"Id": "e1", "Expression": "m1 * 2", "Label": "twice"},
            {**query("p50"), "Id": "m2", "ReturnData": False},
        ],
        StartTime=at(-180),
        EndTime=at(0),
    )
    first, second = answer["MetricDataResults"]
    assert (first["Id"], first["Label"], first["StatusCode"]) == ("m1", "Latency", "Complete")
    assert first["Timestamps"] == [at(-60), at(-120)]
    assert first["Values"] == [40.0, 17.5]
    assert (second["Id"], second["Label"], second["Values"]) == ("e1", "twice", [80.0, 35.0])


def test_ascending_scans_start_with_the_oldest(client: Any) -> None:
    for ago in (120, 60):
        put(client, Value=float(ago), Timestamp=at(-ago))
    answer = client.get_metric_data(
        MetricDataQueries=[query("Sum")], StartTime=at(-180), EndTime=at(0), ScanBy="TimestampAscending"
    )
    assert answer["MetricDataResults"][0]["Values"] == [120.0, 60.0]


def test_a_start_is_rounded_down_to_the_minute_and_an_end_is_exclusive(client: Any) -> None:
    for ago in (180, 120, 60):
        put(client, Value=float(ago), Timestamp=at(-ago))
    answer = client.get_metric_data(MetricDataQueries=[query("Sum")], StartTime=at(-125), EndTime=at(-60))
    assert answer["MetricDataResults"][0]["Values"] == [120.0, 180.0]


def test_high_resolution_samples_can_be_read_by_the_second(client: Any) -> None:
    for ago, resolution in ((58, 1), (57, 1), (10, 60)):
        put(client, Value=1.0, Timestamp=at(-ago), StorageResolution=resolution)
    for period, expected in ((1, [-57, -58, -60]), (5, [-60]), (10, [-60]), (30, [-60])):
        answer = client.get_metric_data(
            MetricDataQueries=[query("Sum", period)], StartTime=at(-60), EndTime=at(0)
        )
        assert answer["MetricDataResults"][0]["Timestamps"] == [at(each) for each in expected]


def test_statistic_sets_are_added_up(client: Any) -> None:
    sets = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 5.0}
    put(client, StatisticValues=sets, Timestamp=at(-60))
    put(client, Value=8.0, Timestamp=at(-60))
    queries = [
        query(stat, Id=f"m{index}") for index, stat in enumerate(["Sum", "Maximum", "SampleCount", "p50"])
    ]
    answer = client.get_metric_data(MetricDataQueries=queries, StartTime=at(-60), EndTime=at(0))
    assert [result["Values"] for result in answer["MetricDataResults"]] == [[18.0], [8.0], [5.0], []]


def test_metric_statistics_carry_unit_and_extended_statistics(client: Any) -> None:
    put(client, Values=[1.0, 2.0, 3.0], Timestamp=at(-60))
    range_ = {"StartTime": at(-60), "EndTime": at(0), "Period": 60}
    basic = client.get_metric_statistics(
        **METRIC, **range_, Dimensions=CANDIDATE, Statistics=["Sum", "Maximum"]
    )
    assert basic["Datapoints"] == [{"Timestamp": at(-60), "Sum": 6.0, "Maximum": 3.0, "Unit": "Milliseconds"}]
    extended = client.get_metric_statistics(
        **METRIC, **range_, Dimensions=CANDIDATE, ExtendedStatistics=["p50", "TC(1:)"]
    )
    assert extended["Datapoints"][0]["ExtendedStatistics"] == {"p50": 2.0, "TC(1:)": 2.0}


def test_list_metrics_filters_by_a_part_of_the_dimensions(client: Any) -> None:
    put(client, Value=1.0)
    put(client, Value=1.0, Dimensions=[*CANDIDATE, {"Name": "EndpointName", "Value": "digits"}])
    put(client, Value=1.0, Dimensions=[])
    assert len(client.list_metrics(Namespace="Test", Dimensions=CANDIDATE)["Metrics"]) == 2
    assert (
        len(client.list_metrics(MetricName="Latency", Dimensions=[{"Name": "EndpointName"}])["Metrics"]) == 1
    )
    assert client.list_metrics(Namespace="Other")["Metrics"] == []


def test_an_alarm_comes_back_as_it_was_put(client: Any) -> None:
    client.put_metric_alarm(**ALARM)
    [alarm] = client.describe_alarms(AlarmNamePrefix="sl")["MetricAlarms"]
    assert {name: alarm[name] for name in ALARM if name != "Tags"} == {
        name: value for name, value in ALARM.items() if name != "Tags"
    }
    assert (alarm["StateValue"], alarm["StateUpdatedTimestamp"]) == ("INSUFFICIENT_DATA", at(0))
    assert client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == ALARM["Tags"]
    client.tag_resource(ResourceARN=alarm["AlarmArn"], Tags=[{"Key": "team", "Value": "ml"}])
    client.enable_alarm_actions(AlarmNames=["slow"])
    assert client.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"] is True
    client.disable_alarm_actions(AlarmNames=["slow"])
    client.set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="a < b & c")
    assert client.describe_alarms(StateValue="ALARM")["MetricAlarms"][0]["StateReason"] == "a < b & c"
    client.delete_alarms(AlarmNames=["slow"])
    assert client.describe_alarms()["MetricAlarms"] == []


def test_metric_math_and_composite_alarms_go_through_the_wire(client: Any) -> None:
    queries = [
        {"Id": "e1", "Expression": "FILL(m1, 0) / 2", "Label": "half", "ReturnData": True},
        query("Sum", ReturnData=False),
    ]
    math = {name: ALARM[name] for name in ("EvaluationPeriods", "Threshold", "ComparisonOperator")}
    client.put_metric_alarm(AlarmName="half", Metrics=queries, **math)
    client.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(half) OR FALSE")
    answer = client.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert answer["MetricAlarms"][0]["Metrics"] == queries
    assert answer["CompositeAlarms"][0]["AlarmRule"] == "ALARM(half) OR FALSE"


def test_the_query_protocol_is_what_the_query_client_speaks(client: Any) -> None:
    sent: list[Any] = []
    client.meta.events.register("before-send.cloudwatch.*", lambda request, **_: sent.append(request))
    client.list_metrics()
    is_query = client.meta.service_model.metadata["protocols"] == ["query"]
    assert ("X-Amz-Target" in sent[0].headers) is not is_query
    assert ("Action=ListMetrics" in str(sent[0].body)) is is_query
