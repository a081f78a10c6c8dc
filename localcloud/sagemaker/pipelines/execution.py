"""One execution of a pipeline, and its steps.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipelineExecution.html and
API_PipelineExecutionStep.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from localcloud.sagemaker.pipelines.definition import Definition, Step

ExecutionStatus = Literal["Executing", "Stopping", "Stopped", "Failed", "Succeeded"]
StepStatus = Literal["Starting", "Executing", "Stopping", "Stopped", "Failed", "Succeeded"]

_LONGEST_REASON = 1024


@dataclass(slots=True, kw_only=True)
class StepRun:
    """A step that was begun; changed under the service's lock only.

    Attributes:
        step: what it does.
        made: name or ARN of what it has made.
        metadata: what PipelineExecutionStepMetadata says of that.

    """

    step: Step
    started: float
    status: StepStatus = "Executing"
    ended: float | None = None
    failure_reason: str | None = None
    made: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)

    def end(self, status: StepStatus, at: float, reason: str = "") -> None:
        """End the step."""
        self.status, self.ended = status, at
        self.failure_reason = reason[:_LONGEST_REASON] if reason else None

    def describe(self) -> dict[str, Any]:
        """Return the members of PipelineExecutionStep."""
        given = {
            "StepName": self.step.name,
            "StartTime": self.started,
            "EndTime": self.ended,
            "StepStatus": self.status,
            "FailureReason": self.failure_reason,
            "Metadata": self.metadata or None,
            "AttemptCount": 1,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(slots=True, kw_only=True)
class PipelineExecution:
    """An execution; changed under the service's lock only.

    Attributes:
        identifier: the last part of its ARN.
        definition: as the pipeline was when it was started.
        parameters: the value of each parameter.
        given: those that it was started with.
        runs: the steps that were begun, by name.

    """

    pipeline_name: str
    pipeline_arn: str
    identifier: str
    arn: str
    definition: Definition
    parameters: Mapping[str, Any]
    given: list[dict[str, str]]
    created: float
    modified: float
    display_name: str | None = None
    description: str | None = None
    status: ExecutionStatus = "Executing"
    failure_reason: str | None = None
    ended: float | None = None
    runs: dict[str, StepRun] = field(default_factory=dict)

    def ready(self) -> list[Step]:
        """Return the steps that may begin now."""
        done = {name for name, run in self.runs.items() if run.status == "Succeeded"}
        return [step for step in self.definition.steps if step.name not in self.runs and step.after <= done]

    def at_work(self) -> list[StepRun]:
        """Return the steps that have not ended."""
        return [run for run in self.runs.values() if run.ended is None]

    def failed(self) -> bool:
        """Tell whether a step has failed, or was stopped by somebody."""
        return any(run.status in ("Failed", "Stopped") for run in self.runs.values())

    def end(self, status: ExecutionStatus, at: float) -> None:
        """End the execution."""
        self.status, self.ended, self.modified = status, at, at
        if status == "Failed":
            self.failure_reason = "Step failure: One or multiple steps failed."

    def describe(self) -> dict[str, Any]:
        """Return the members of DescribePipelineExecution."""
        given = {
            "PipelineArn": self.pipeline_arn,
            "PipelineExecutionArn": self.arn,
            "PipelineExecutionDisplayName": self.display_name,
            "PipelineExecutionStatus": self.status,
            "PipelineExecutionDescription": self.description,
            "FailureReason": self.failure_reason,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
        }
        return {name: value for name, value in given.items() if value is not None}

    def summary(self) -> dict[str, Any]:
        """Return the members of a list."""
        given = {
            "PipelineExecutionArn": self.arn,
            "StartTime": self.created,
            "PipelineExecutionStatus": self.status,
            "PipelineExecutionDescription": self.description,
            "PipelineExecutionDisplayName": self.display_name,
            "PipelineExecutionFailureReason": self.failure_reason,
        }
        return {name: value for name, value in given.items() if value is not None}
