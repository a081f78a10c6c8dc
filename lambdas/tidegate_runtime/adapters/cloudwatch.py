"""The `Metrics` port on CloudWatch's GetMetricData."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.metric_ports import SAGEMAKER

_MORE_TO_COME: Final = "PartialData"
_COMPLETE: Final = "Complete"


class CloudWatchMetrics:
    """Sums of one endpoint's metrics."""

    def __init__(self, client: Any, *, endpoint_name: str) -> None:
        self._client = client
        self._endpoint_name = endpoint_name

    def sums(
        self,
        names: Sequence[tuple[str, str]],
        *,
        start: int,
        end: int,
        period: int,
        namespace: str = SAGEMAKER,
    ) -> Mapping[tuple[str, str], Mapping[int, float]] | None:
        """Return the sums of each (variant, metric) by bucket start.

        A metric without data points in a complete answer had no events. An answer that is not complete is no
        measurement at all.

        Args:
            names: Pairs of variant and metric, at most 500.
            start: First bucket, seconds since 1970.
            end: End of the last bucket, exclusive.
            period: Length of a bucket in seconds.
            namespace: Where the metrics are; their dimensions are the endpoint's own.

        """
        queries = [
            self._query(f"m{index}", *name, period=period, namespace=namespace)
            for index, name in enumerate(names)
        ]
        sums: dict[str, dict[int, float]] = {query["Id"]: {} for query in queries}
        status = dict.fromkeys(sums, "")
        request = {"MetricDataQueries": queries, "StartTime": start, "EndTime": end}
        for page in self._pages(request):
            for result in page["MetricDataResults"]:
                status[result["Id"]] = result.get("StatusCode", _COMPLETE)
                if status[result["Id"]] not in (_COMPLETE, _MORE_TO_COME):
                    return None
                for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                    sums[result["Id"]][int(at.timestamp())] = value
        if any(code != _COMPLETE for code in status.values()):
            return None
        return {name: sums[f"m{index}"] for index, name in enumerate(names)}

    def _pages(self, request: dict[str, Any]) -> Sequence[Mapping[str, Any]]:
        pages = []
        token: dict[str, str] = {}
        while True:
            with translated():
                page = self._client.get_metric_data(**request, ScanBy="TimestampAscending", **token)
            pages.append(page)
            if not page.get("NextToken"):
                return pages
            token = {"NextToken": page["NextToken"]}

    def _query(
        self, query_id: str, variant: str, metric: str, *, period: int, namespace: str
    ) -> dict[str, Any]:
        dimensions = [
            {"Name": "EndpointName", "Value": self._endpoint_name},
            {"Name": "VariantName", "Value": variant},
        ]
        stat = {
            "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions},
            "Period": period,
            "Stat": "Sum",
        }
        return {"Id": query_id, "MetricStat": stat, "ReturnData": True}
