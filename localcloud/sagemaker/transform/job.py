"""One transform job.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from localcloud.hosting import Host, Served
from localcloud.sagemaker.transform.settings import Settings

Status = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]

_LONGEST_REASON = 1024


@dataclass(slots=True, kw_only=True)
class TransformJob:
    """A job; changed under the service's lock only.

    Attributes:
        params: the request that made it, without its name and tags.
        settings: what that means.
        served: what its instances run.
        hosts: what runs for it.
        started: when the instances were there, epoch seconds of the cloud clock.
        ended: when it ended.

    """

    name: str
    arn: str
    params: dict[str, Any]
    settings: Settings
    served: Served
    created: float
    modified: float
    status: Status = "InProgress"
    failure_reason: str | None = None
    hosts: Sequence[Host] = field(default_factory=list)
    started: float | None = None
    ended: float | None = None

    def fail(self, reason: str) -> None:
        """Enter Failed with a reason, cut to the length that the API allows."""
        self.status, self.failure_reason = "Failed", reason[:_LONGEST_REASON]

    def describe(self) -> dict[str, Any]:
        """Return the members of DescribeTransformJob."""
        given = {
            "TransformJobName": self.name,
            "TransformJobArn": self.arn,
            "TransformJobStatus": self.status,
            "FailureReason": self.failure_reason,
            "CreationTime": self.created,
            "TransformStartTime": self.started,
            "TransformEndTime": self.ended,
        }
        return {**self.params, **{name: value for name, value in given.items() if value is not None}}

    def summary(self) -> dict[str, Any]:
        """Return the members of a list."""
        kept = ("TransformJobName", "TransformJobArn", "TransformJobStatus", "FailureReason", "CreationTime")
        described = self.describe()
        found = {name: described[name] for name in (*kept, "TransformEndTime") if name in described}
        return {**found, "LastModifiedTime": self.modified}
