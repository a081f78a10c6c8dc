"""The `Models` and `Specifications` ports of the validation gate, on SageMaker's control plane."""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.adapters.refusals import THERE_ALREADY, is_missing, unless
from tidegate_runtime.errors import NotApproved

_FROM_THE_PACKAGE: Final = (
    "ContainerHostname",
    "Environment",
    "Image",
    "ModelDataSource",
    "ModelDataUrl",
)


class SageMakerModels:
    """Models by their names.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html

    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def create(self, definition: Mapping[str, Any]) -> None:
        """Create a model; its name is a hash of what it is for, so an existing one is the same."""
        with translated(), unless(THERE_ALREADY):
            self._client.create_model(**definition)

    def delete(self, name: str) -> None:
        """Delete a model; one that is not there is deleted."""
        with translated(), unless("Could not find model"):
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
                if not is_missing(error):
                    raise
                raise NotApproved(f"{arn} does not exist") from error
        raw = answer.get("InferenceSpecification", {}).get("Containers", [])
        if not raw:
            raise NotApproved(f"{arn} has no inference specification: nothing of it could be asked")
        return [{name: one[name] for name in _FROM_THE_PACKAGE if one.get(name)} for one in raw]
