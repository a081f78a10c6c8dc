"""The `Transforms` and `Specifications` ports on SageMaker's control plane."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, message_of, translated
from tidegate_runtime.errors import NotApproved
from tidegate_runtime.validation.ports import Transform

_FROM_THE_PACKAGE: Final = (
    "ContainerHostname",
    "Environment",
    "Image",
    "ModelDataSource",
    "ModelDataUrl",
)


class SageMakerTransforms:
    """Jobs and models by their names.

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
                if not _is_missing(error):
                    raise
                return None
        return Transform(status=answer["TransformJobStatus"], reason=answer.get("FailureReason", ""))

    def create_model(self, definition: Mapping[str, Any]) -> None:
        """Create a model; its name is a hash of what it is for, so an existing one is the same."""
        with translated(), _unless("already exist"):
            self._client.create_model(**definition)

    def start(self, definition: Mapping[str, Any]) -> None:
        """Start a job; an existing one of that name is the same."""
        with translated(), _unless("already exist"):
            self._client.create_transform_job(**definition)

    def stop(self, name: str) -> None:
        """Stop a job; one that has ended stays as it is."""
        with translated(), _unless("transform job is in status", "The request was rejected because"):
            self._client.stop_transform_job(TransformJobName=name)

    def delete_model(self, name: str) -> None:
        """Delete a model; one that is not there is deleted."""
        with translated(), _unless("Could not find model"):
            self._client.delete_model(ModelName=name)


class RegistrySpecifications:
    """Containers of model package versions."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def containers(self, arn: str) -> list[dict[str, Any]]:
        """Return the containers of a version as CreateModel takes them.

        Raises:
            NotApproved: there is no such version, or it has nothing that could be asked.

        """
        with translated():
            try:
                answer = self._client.describe_model_package(ModelPackageName=arn)
            except ClientError as error:
                if not _is_missing(error):
                    raise
                raise NotApproved(f"{arn} does not exist") from error
        raw = answer.get("InferenceSpecification", {}).get("Containers", [])
        if not raw:
            raise NotApproved(f"{arn} has no inference specification: nothing of it could be asked")
        return [{name: one[name] for name in _FROM_THE_PACKAGE if one.get(name)} for one in raw]


def _is_missing(error: ClientError) -> bool:
    message = message_of(error)
    return code_of(error) == "ResourceNotFound" or "not find" in message or "does not exist" in message


@contextmanager
def _unless(*told: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if not any(text in message_of(error) for text in told):
            raise
