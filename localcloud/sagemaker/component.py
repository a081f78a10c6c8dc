"""An inference component as a record: a model, its copies, and where they run.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from localcloud.errors import NotEmulated
from localcloud.hosting import ContainerSpec, Host
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.names import Params, arn, invalid, require_emulated

_SPECIFICATION: Final = frozenset(
    {"ModelName", "Container", "StartupParameters", "ComputeResourceRequirements"}
)
_CONTAINER: Final = frozenset({"Image", "ArtifactUrl", "Environment"})

ComponentStatus = Literal["Creating", "Updating", "InService", "Failed", "Deleting"]


@dataclass(slots=True, kw_only=True)
class Component:
    """An inference component.

    Attributes:
        name: as given.
        endpoint: name of its endpoint.
        variant: name of its variant.
        specification: as given; the compute requirements are recorded.
        container: what a copy runs.
        desired: copies asked for.
        created: epoch seconds.
        modified: epoch seconds.
        status: its status.
        copies: those that serve.
        failure: why the last change failed.
        deployment_config: of the last update that had one.

    """

    name: str
    endpoint: str
    variant: str
    specification: Mapping[str, Any]
    container: ContainerSpec
    desired: int
    created: float
    modified: float
    status: ComponentStatus = "Creating"
    copies: tuple[Host, ...] = ()
    failure: str | None = None
    deployment_config: Mapping[str, Any] | None = None

    @property
    def arn(self) -> str:
        """ARN."""
        return arn("inference-component", self.name)

    def summary(self) -> dict[str, Any]:
        """Return an InferenceComponentSummary."""
        return {
            "InferenceComponentName": self.name,
            "InferenceComponentArn": self.arn,
            "EndpointName": self.endpoint,
            "EndpointArn": arn("endpoint", self.endpoint),
            "VariantName": self.variant,
            "InferenceComponentStatus": self.status,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
        }

    def describe(self) -> dict[str, Any]:
        """Return what DescribeInferenceComponent answers."""
        specification = dict(self.specification)
        if "Container" in specification:
            given = specification["Container"]
            image = {"SpecifiedImage": given["Image"], "ResolvedImage": given["Image"]}
            shown = {name: given[name] for name in ("ArtifactUrl", "Environment") if name in given}
            specification["Container"] = {"DeployedImage": image, **shown}
        runtime = {"DesiredCopyCount": self.desired, "CurrentCopyCount": len(self.copies)}
        described = self.summary() | {"Specification": specification, "RuntimeConfig": runtime}
        optional = {"FailureReason": self.failure, "LastDeploymentConfig": self.deployment_config}
        return described | {name: value for name, value in optional.items() if value}


def component_container(specification: Params, models: Models) -> ContainerSpec:
    """Return what a copy runs.

    Args:
        specification: the InferenceComponentSpecification.
        models: where its model is looked up.

    Raises:
        AwsError: ValidationException, without exactly one of ModelName and Container.
        NotEmulated: for adapters, data caches, placement and images without an artifact.

    """
    where = "CreateInferenceComponent.Specification"
    require_emulated(specification, _SPECIFICATION, where)
    if ("ModelName" in specification) == ("Container" in specification):
        raise invalid("exactly one of ModelName and Container must be set in Specification")
    if "ComputeResourceRequirements" not in specification:
        raise invalid("ComputeResourceRequirements is required in Specification")
    if "ModelName" in specification:
        served = models.get(specification["ModelName"]).served
        if not isinstance(served, ContainerSpec):
            raise NotEmulated(f"SageMaker {where} with a model of mode {served.mode}")
        return served
    given = specification["Container"]
    require_emulated(given, _CONTAINER, f"{where}.Container")
    if "Image" not in given or "ArtifactUrl" not in given:
        raise NotEmulated(f"SageMaker {where}.Container without Image and ArtifactUrl (images are not run)")
    environment = given.get("Environment", {})
    return ContainerSpec(image=given["Image"], model_data_url=given["ArtifactUrl"], environment=environment)
