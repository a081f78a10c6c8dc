"""One training job.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from localcloud.sagemaker.training.settings import Settings

Status = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]

_LONGEST_REASON = 1024


@dataclass(slots=True, kw_only=True)
class TrainingJob:
    """A job; changed under the service's lock only.

    Attributes:
        params: the request that made it, without its name and tags.
        settings: what that means.
        secondary: what it is doing, in SageMaker's words.
        transitions: what it has done, with the times.
        metrics: the last value of each metric that its output told.
        started: when the script began, epoch seconds of the cloud clock.
        ended: when it ended.

    """

    name: str
    arn: str
    params: dict[str, Any]
    settings: Settings
    created: float
    modified: float
    status: Status = "InProgress"
    secondary: str = "Starting"
    transitions: list[dict[str, Any]] = field(default_factory=list)
    failure_reason: str | None = None
    metrics: list[dict[str, Any]] = field(default_factory=list)
    started: float | None = None
    ended: float | None = None

    @property
    def artifact(self) -> str:
        """Address of the model archive.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-output.html
        """
        return f"{self.settings.output_path.rstrip('/')}/{self.name}/output/model.tar.gz"

    def enter(self, secondary: str, at: float) -> None:
        """Begin a stage of the job."""
        self.leave(at)
        self.secondary, self.modified = secondary, at
        self.transitions.append({"Status": secondary, "StartTime": at})

    def leave(self, at: float) -> None:
        """End the stage of the job."""
        if self.transitions:
            self.transitions[-1].setdefault("EndTime", at)

    def end(self, status: Status, at: float, *, secondary: str | None = None, reason: str = "") -> None:
        """End the job; a reason is cut to the length that the API allows."""
        self.enter(secondary if secondary is not None else status, at)
        self.leave(at)
        self.status, self.ended = status, at
        if reason:
            self.failure_reason = reason[:_LONGEST_REASON]

    def describe(self) -> dict[str, Any]:
        """Return the members of DescribeTrainingJob."""
        done = self.status == "Completed"
        given = {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "TrainingJobStatus": self.status,
            "SecondaryStatus": self.secondary,
            "SecondaryStatusTransitions": self.transitions,
            "FailureReason": self.failure_reason,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "TrainingStartTime": self.started,
            "TrainingEndTime": self.ended,
            "FinalMetricDataList": self.metrics or None,
            "ModelArtifacts": {"S3ModelArtifacts": self.artifact} if done else None,
        }
        return {**self.params, **{name: value for name, value in given.items() if value is not None}}

    def summary(self) -> dict[str, Any]:
        """Return the members of a list."""
        kept = ("TrainingJobName", "TrainingJobArn", "TrainingJobStatus", "CreationTime")
        described = self.describe()
        found = {name: described[name] for name in (*kept, "TrainingEndTime") if name in described}
        return {**found, "LastModifiedTime": self.modified}
