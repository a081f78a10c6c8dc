"""The `Transforms` port on SageMaker's control plane."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.adapters.refusals import THERE_ALREADY, is_missing, unless
from tidegate_runtime.validation.ports import Transform


class SageMakerTransforms:
    """Jobs by their names.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html

    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe(self, name: str) -> Transform | None:
        """Return a job, or None when there is none of that name."""
        with translated():
            try:
                answer = self._client.describe_transform_job(TransformJobName=name)
            except ClientError as error:
                if not is_missing(error):
                    raise
                return None
        return Transform(status=answer["TransformJobStatus"], reason=answer.get("FailureReason", ""))

    def start(self, definition: Mapping[str, Any]) -> None:
        """Start a job; its name is a hash of what it is for, so an existing one is the same."""
        with translated(), unless(THERE_ALREADY):
            self._client.create_transform_job(**definition)

    def stop(self, name: str) -> None:
        """Stop a job; one that has ended stays as it is."""
        with translated(), unless("transform job is in status", "The request was rejected because"):
            self._client.stop_transform_job(TransformJobName=name)
