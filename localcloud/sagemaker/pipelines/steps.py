"""What a step does: one request to SageMaker itself, and a look at what came of it."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from localcloud.errors import AwsError
from localcloud.sagemaker.pipelines.definition import Step
from localcloud.sagemaker.pipelines.execution import PipelineExecution, StepRun
from localcloud.sagemaker.pipelines.expressions import Path, resolved, walk

Call = Callable[[str, dict[str, Any]], dict[str, Any]]

_LONGEST_NAME: Final = 63


@dataclass(frozen=True, slots=True)
class Steps:
    """Begins steps, looks after them and stops them.

    Attributes:
        call: makes one request to this SageMaker.
        now: the cloud clock.

    """

    call: Call
    now: Callable[[], float]

    def begin(self, execution: PipelineExecution, step: Step) -> StepRun:
        """Begin a step; one that SageMaker refuses has failed with its reason."""
        run = StepRun(step=step, started=self.now())
        try:
            arguments = resolved(step.arguments, lambda path: self._find(execution, path))
            {"Training": self._train, "RegisterModel": self._register, "Model": self._model}[step.type](
                execution, run, arguments
            )
        except AwsError as error:
            run.end("Failed", self.now(), f"ClientError: {error.code}: {error.message}")
        return run

    def look(self, run: StepRun) -> None:
        """See whether a training job has ended."""
        job = self.call("DescribeTrainingJob", {"TrainingJobName": run.made})
        ends: Mapping[str, Any] = {"Completed": "Succeeded", "Failed": "Failed", "Stopped": "Stopped"}
        status = ends.get(job["TrainingJobStatus"])
        if status is not None:
            reason = f"ClientError: {job['FailureReason']}" if "FailureReason" in job else ""
            run.end(status, self.now(), reason)

    def stop(self, run: StepRun) -> None:
        """Stop a training job that is at work."""
        run.status = "Stopping"
        if (
            self.call("DescribeTrainingJob", {"TrainingJobName": run.made})["TrainingJobStatus"]
            == "InProgress"
        ):
            self.call("StopTrainingJob", {"TrainingJobName": run.made})

    def _train(self, execution: PipelineExecution, run: StepRun, arguments: dict[str, Any]) -> None:
        # SageMaker names a pipeline's jobs itself: a name in the arguments counts for nothing there.
        stem = f"pipelines-{execution.identifier}-"
        name = f"{stem}{run.step.name}"[:_LONGEST_NAME].rstrip("-")
        made = self.call("CreateTrainingJob", {**arguments, "TrainingJobName": name})
        run.made, run.metadata = name, {"TrainingJob": {"Arn": made["TrainingJobArn"]}}

    def _register(self, execution: PipelineExecution, run: StepRun, arguments: dict[str, Any]) -> None:
        token = {"ClientToken": f"{execution.identifier}-{run.step.name}"[:36]}
        made = self.call("CreateModelPackage", {**arguments, **token})
        run.made, run.metadata = made["ModelPackageArn"], {"RegisterModel": {"Arn": made["ModelPackageArn"]}}
        run.end("Succeeded", self.now())

    def _model(self, execution: PipelineExecution, run: StepRun, arguments: dict[str, Any]) -> None:
        name = f"pipelines-{execution.identifier}-{run.step.name}"[:_LONGEST_NAME].rstrip("-")
        made = self.call("CreateModel", {**arguments, "ModelName": name})
        run.made, run.metadata = name, {"Model": {"Arn": made["ModelArn"]}}
        run.end("Succeeded", self.now())

    def _find(self, execution: PipelineExecution, path: Path) -> Any:
        kind, name, *rest = path
        if kind == "Parameters":
            return execution.parameters[str(name)]
        if kind == "Execution":
            return _of_execution(execution)[str(name)]
        run = execution.runs[str(name)]
        operations = {
            "Training": ("DescribeTrainingJob", "TrainingJobName"),
            "RegisterModel": ("DescribeModelPackage", "ModelPackageName"),
            "Model": ("DescribeModel", "ModelName"),
        }
        operation, key = operations[run.step.type]
        return walk(self.call(operation, {key: run.made}), tuple(rest), whole=".".join(map(str, path)))


def _of_execution(execution: PipelineExecution) -> dict[str, str]:
    start = datetime.datetime.fromtimestamp(execution.created, datetime.UTC)
    return {
        "PipelineName": execution.pipeline_name,
        "PipelineArn": execution.pipeline_arn,
        "PipelineExecutionId": execution.identifier,
        "PipelineExecutionArn": execution.arn,
        "StartDateTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
