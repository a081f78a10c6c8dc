"""The `Training` port on SageMaker Pipelines."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated
from tidegate_runtime.delivery_ports import TrainingRun
from tidegate_runtime.errors import Rejected

_SUCCEEDED: Final = "Succeeded"


class SageMakerPipelines:
    """Pipelines of one account and region.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartPipelineExecution.html

    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def start(self, pipeline: str, *, parameters: Mapping[str, str], token: str) -> str:
        """Start an execution and return its ARN; the same token starts once.

        Raises:
            Rejected: there is no such pipeline.

        """
        with translated():
            try:
                answer = self._client.start_pipeline_execution(
                    PipelineName=pipeline,
                    PipelineParameters=[
                        {"Name": name, "Value": value} for name, value in sorted(parameters.items())
                    ],
                    ClientRequestToken=token,
                )
            except ClientError as error:
                if code_of(error) != "ResourceNotFound":
                    raise
                raise Rejected(f"there is no SageMaker Pipeline {pipeline}: deploy it first") from error
        return str(answer["PipelineExecutionArn"])

    def describe(self, execution_arn: str) -> TrainingRun:
        """Return an execution; what its steps have made, once it has succeeded."""
        with translated():
            answer = self._client.describe_pipeline_execution(PipelineExecutionArn=execution_arn)
        status = answer["PipelineExecutionStatus"]
        steps = list(self._steps(execution_arn)) if status == _SUCCEEDED else []
        return TrainingRun(
            status=status,
            failure=answer.get("FailureReason", ""),
            packages=tuple(_arns(steps, "RegisterModel")),
            training_jobs=tuple(_arns(steps, "TrainingJob")),
        )

    def _steps(self, execution_arn: str) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=execution_arn
        )
        with translated():
            for page in pages:
                yield from page["PipelineExecutionSteps"]


def _arns(steps: list[Mapping[str, Any]], kind: str) -> Iterator[str]:
    for step in steps:
        made = step.get("Metadata", {}).get(kind, {}).get("Arn")
        if made:
            yield str(made)
