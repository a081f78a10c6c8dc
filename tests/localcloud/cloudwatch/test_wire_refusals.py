"""What boto3 clients are refused, over HTTP, in both protocols."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

MIDNIGHT = 1_800_000_000 // 86_400 * 86_400
METRIC = {"Namespace": "Test", "MetricName": "Latency"}
CANDIDATE = [{"Name": "VariantName", "Value": "candidate"}]


def put(client: Any, **datum: Any) -> None:
    metric = {"MetricName": "Latency", "Dimensions": CANDIDATE, "Unit": "Milliseconds", **datum}
    client.put_metric_data(Namespace="Test", MetricData=[metric])


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(MIDNIGHT + seconds, UTC)


def query(stat: str, period: int = 60, **changes: Any) -> dict[str, Any]:
    metric = {**METRIC, "Dimensions": CANDIDATE}
    return {"Id": "m1", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **changes}


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_rejects_an_unknown_alarm_with_cloudwatchs_code(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFound) as caught:
        client.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="test")
    assert code_of(caught) == "ResourceNotFound"


@pytest.mark.parametrize(
    ("datum", "code"),
    [
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination"),
        ({"Value": 2.0**361}, "InvalidParameterValue"),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "InvalidParameterValue"),
        ({"Values": [1.0], "Counts": [0.0]}, "InvalidParameterValue"),
        ({"Value": 1.0, "StorageResolution": 30}, "InvalidParameterValue"),
        ({"Value": 1.0, "Timestamp": at(-15 * 86_400)}, "InvalidParameterValue"),
        ({"Value": 1.0, "Timestamp": at(3 * 3600)}, "InvalidParameterValue"),
        ({"Value": 1.0, "Dimensions": CANDIDATE * 2}, "InvalidParameterValue"),
    ],
    ids=str,
)
def test_rejects_samples_that_cloudwatch_would_refuse(client: Any, datum: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        put(client, **datum)
    assert code_of(caught) == code
    assert client.list_metrics()["Metrics"] == []


def test_rejects_samples_in_the_namespaces_of_aws(client: Any) -> None:
    with pytest.raises(ClientError, match="AWS/"):
        client.put_metric_data(Namespace="AWS/SageMaker", MetricData=[{"MetricName": "m", "Value": 1.0}])


@pytest.mark.parametrize(
    "changes",
    [
        {"EndTime": at(-180)},
        {"MetricDataQueries": [query("Sum"), query("Sum")]},
        {"MetricDataQueries": [query("Sum", Id="M1")]},
        {"MetricDataQueries": [query("Sum", 90)]},
        {"MetricDataQueries": [query("Sum", Expression="m1")]},
        {"MetricDataQueries": [query("Sum"), {"Id": "e1", "Expression": "SUM(m1)"}]},
    ],
    ids=str,
)
def test_rejects_queries_that_cloudwatch_would_refuse(client: Any, changes: dict[str, Any]) -> None:
    request = {"MetricDataQueries": [query("Sum")], "StartTime": at(-180), "EndTime": at(0), **changes}
    with pytest.raises(ClientError) as caught:
        client.get_metric_data(**request)
    assert code_of(caught) == "ValidationError"


@pytest.mark.parametrize(
    "changes",
    [
        {"MaxDatapoints": 2},
        {"LabelOptions": {"Timezone": "+0100"}},
        {"MetricDataQueries": [query("Sum", Label="${MAX}")]},
        {"MetricDataQueries": [query("Sum", AccountId="111122223333")]},
        {"MetricDataQueries": [{"Id": "e1", "Expression": "SELECT SUM(x) FROM y", "Period": 60}]},
        {"MetricDataQueries": [query("Sum"), {"Id": "e1", "Expression": "SORT(METRICS(), SUM, DESC)"}]},
    ],
    ids=str,
)
def test_rejects_queries_that_are_not_emulated(client: Any, changes: dict[str, Any]) -> None:
    request = {"MetricDataQueries": [query("Sum")], "StartTime": at(-180), "EndTime": at(0), **changes}
    with pytest.raises(ClientError) as caught:
        client.get_metric_data(**request)
    assert code_of(caught) == "NotEmulated"


def test_rejects_operations_that_are_not_emulated_over_the_wire(client: Any) -> None:
    with pytest.raises(ClientError) as caught:
        client.put_dashboard(DashboardName="d", DashboardBody="{}")
    assert code_of(caught) == "NotEmulated"
