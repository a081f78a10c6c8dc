"""Models: what a variant serves.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import NotEmulated
from localcloud.hosting import ContainerGroup, ContainerSpec, Served
from localcloud.sagemaker.containers import containers_of, served_by
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.names import Params, already_there, arn, invalid, not_found, require_emulated
from localcloud.sagemaker.packages import ModelPackages
from localcloud.sagemaker.tags import Tags

_MODEL: Final = frozenset(
    {"ModelName", "PrimaryContainer", "Containers", "ExecutionRoleArn", "Tags", "VpcConfig"}
    | {"EnableNetworkIsolation", "InferenceExecutionConfig"}
)
_LISTING: Final = Listing(result="Models", name="ModelName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model.

    Attributes:
        name: as given.
        arn: its ARN.
        created: epoch seconds.
        served: what its instances run.
        description: members that DescribeModel gives back as they were.

    """

    name: str
    arn: str
    created: float
    served: Served
    description: dict[str, Any]


class Models:
    """The models of the account.

    VpcConfig, ExecutionRoleArn and EnableNetworkIsolation are recorded and not enforced.
    """

    def __init__(
        self, clock: CloudClock, tags: Tags, packages: ModelPackages, read: Callable[[str], bytes]
    ) -> None:
        self._clock = clock
        self._tags = tags
        self._packages = packages
        self._read = read
        self._models: dict[str, Model] = {}

    def get(self, name: str) -> Model:
        """Return a model.

        Raises:
            AwsError: ValidationException, when there is none.

        """
        model = self._models.get(name.lower())
        if model is None:
            raise not_found("model", arn("model", name))
        return model

    def op_create_model(self, params: Params) -> dict[str, Any]:
        """Create a model; its artifact must exist."""
        require_emulated(params, _MODEL, "CreateModel")
        name = params["ModelName"]
        if name.lower() in self._models:
            raise already_there("model", arn("model", name))
        given = containers_of(params)
        served = served_by(params, [self._resolve(each) for each in given])
        if not (isinstance(served, ContainerGroup) and served.mode == "MultiModel"):
            for container in (served,) if isinstance(served, ContainerSpec) else served.containers:
                self._read(container.model_data_url)
        kept = {key: value for key, value in params.items() if key not in ("ModelName", "Tags")}
        shown = [each if "ModelPackageName" in each else {"Mode": "SingleModel", **each} for each in given]
        kept.update({"PrimaryContainer": shown[0]} if "PrimaryContainer" in params else {"Containers": shown})
        kept.setdefault("EnableNetworkIsolation", False)
        model = Model(
            name=name,
            arn=arn("model", name),
            created=self._clock.now(),
            served=served,
            description=kept,
        )
        self._models[name.lower()] = model
        self._tags.create(model.arn, params.get("Tags"))
        return {"ModelArn": model.arn}

    def op_describe_model(self, params: Params) -> dict[str, Any]:
        """Describe a model."""
        model = self.get(params["ModelName"])
        return model.description | _summary(model)

    def op_delete_model(self, params: Params) -> dict[str, Any]:
        """Delete a model, also one that an endpoint serves: AWS deletes only the entry.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteModel.html
        """
        model = self.get(params["ModelName"])
        del self._models[model.name.lower()]
        self._tags.forget(model.arn)
        return {}

    def op_list_models(self, params: Params) -> dict[str, Any]:
        """List models."""
        return _LISTING.page(map(_summary, self._models.values()), params)

    def _resolve(self, given: Params) -> ContainerSpec:
        if "ModelPackageName" in given:
            if "Image" in given or "ModelDataUrl" in given:
                raise invalid("ModelPackageName excludes Image and ModelDataUrl")
            return self._packages.deployable(given["ModelPackageName"], given.get("Environment", {}))
        if "Image" not in given:
            raise invalid("a container needs Image or ModelPackageName")
        if "ModelDataUrl" not in given:
            raise NotEmulated("SageMaker CreateModel without ModelDataUrl (images are not run)")
        return ContainerSpec(
            image=given["Image"],
            model_data_url=given["ModelDataUrl"],
            environment=given.get("Environment", {}),
            hostname=given.get("ContainerHostname", ""),
        )


def _summary(model: Model) -> dict[str, Any]:
    return {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created}
