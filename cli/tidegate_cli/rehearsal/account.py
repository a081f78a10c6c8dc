"""Reconciliation: what the client sent, and what the cloud counted, request by request."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tidegate_cli.operator.endpoint import CANDIDATE, LIVE
from tidegate_cli.rehearsal.records import MODEL_ERROR, OK, UNKNOWN, Record

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

VARIANTS: Final = (LIVE, CANDIDATE)
INVOCATIONS: Final = "Invocations"
MODEL_ERRORS: Final = "InvocationModelErrors"
_POLL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One comparison.

    Attributes:
        what: For example `served or failed by live`.
        client: What the client counted.
        other: What the other side counted.
        source: Who the other side is.

    """

    what: str
    client: int
    other: int
    source: str

    @property
    def difference(self) -> int:
        """Requests that one side knows and the other does not; 0 is right."""
        return self.client - self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account of all requests of a rehearsal.

    Attributes:
        sent: How many requests the client says it sent.
        served: Answers per variant.
        failed: Failures by (kind, variant).
        lines: The comparisons.

    """

    sent: int
    served: Mapping[str, int]
    failed: Mapping[tuple[str, str], int]
    lines: tuple[Line, ...]

    @property
    def exact(self) -> bool:
        """Whether every request is accounted for."""
        return all(line.difference == 0 for line in self.lines)

    @property
    def unexplained(self) -> Mapping[tuple[str, str], int]:
        """Failures that no model caused."""
        return {key: n for key, n in self.failed.items() if key[0] != MODEL_ERROR or key[1] == UNKNOWN}


def make_account(sent: int, records: Iterable[Record], cloud: Mapping[tuple[str, str], int]) -> Account:
    """Compare the client's records with its own total and with the cloud's sums.

    Args:
        sent: The client's own count of requests.
        records: One for each request.
        cloud: CloudWatch's sums by (metric, variant).

    """
    counts = Counter((record.outcome, record.variant) for record in records)
    served = {variant: counts[OK, variant] for variant in VARIANTS}
    failed = {key: n for key, n in sorted(counts.items()) if key[0] != OK}
    lines = [
        Line(
            what="sent = served + failed",
            client=sent,
            other=sum(served.values()) + sum(failed.values()),
            source="client's records",
        )
    ]
    for variant in VARIANTS:
        errors = counts[MODEL_ERROR, variant]
        lines.append(_line(f"answered by {variant}", served[variant] + errors, cloud, INVOCATIONS, variant))
        lines.append(_line(f"model errors of {variant}", errors, cloud, MODEL_ERRORS, variant))
    return Account(sent=sent, served=served, failed=failed, lines=tuple(lines))


def _line(what: str, client: int, cloud: Mapping[tuple[str, str], int], metric: str, variant: str) -> Line:
    return Line(
        what=what, client=client, other=cloud.get((metric, variant), 0), source=f"CloudWatch {metric}"
    )


def cloud_sums(
    cloudwatch: "CloudWatchClient", *, endpoint: str, begin: float, end: float
) -> dict[tuple[str, str], int]:
    """Return CloudWatch's sums over a time, by (metric, variant).

    Args:
        cloudwatch: The client.
        endpoint: Name of the endpoint.
        begin: Epoch seconds of the cloud clock.
        end: Likewise.

    """
    wanted = [(metric, variant) for metric in (INVOCATIONS, MODEL_ERRORS) for variant in VARIANTS]
    queries = [_query(f"m{i}", endpoint, *pair) for i, pair in enumerate(wanted)]
    sums = dict.fromkeys(wanted, 0)
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=datetime.fromtimestamp(begin // 60 * 60, UTC),
        EndTime=datetime.fromtimestamp(end // 60 * 60 + 60, UTC),
    )
    for result in (result for page in pages for result in page["MetricDataResults"]):
        sums[wanted[int(result["Id"][1:])]] += round(sum(result["Values"]))
    return sums


def settle(
    read: Callable[[], Account], *, timeout_seconds: float, sleep: Callable[[float], None] = time.sleep
) -> Account:
    """Read the account until it is exact, because CloudWatch publishes late; give up after a time."""
    deadline = time.monotonic() + timeout_seconds
    account = read()
    while not account.exact and time.monotonic() < deadline:
        sleep(_POLL_SECONDS)
        account = read()
    return account


def _query(identity: str, endpoint: str, metric: str, variant: str) -> "MetricDataQueryTypeDef":
    return {
        "Id": identity,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/SageMaker",
                "MetricName": metric,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": endpoint},
                    {"Name": "VariantName", "Value": variant},
                ],
            },
            "Period": 60,
            "Stat": "Sum",
        },
        "ReturnData": True,
    }
