"""Model package versions: the registry that rollouts start from.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import NotEmulated
from localcloud.hosting.engine import ContainerSpec
from localcloud.sagemaker.events import Events
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.names import Params, arn, invalid, require_emulated
from localcloud.sagemaker.package_groups import ModelPackageGroup, ModelPackageGroups

_RECORDED: Final = frozenset(
    {"ModelPackageDescription", "InferenceSpecification", "CustomerMetadataProperties", "MetadataProperties"}
    | {"ModelMetrics", "Domain", "Task", "SourceUri", "SkipModelValidation"}
)
_CREATE: Final = _RECORDED | {"ModelPackageGroupName", "ModelApprovalStatus", "ClientToken"}
_UPDATE: Final = frozenset(
    {"ModelPackageArn", "ModelApprovalStatus", "ApprovalDescription", "CustomerMetadataProperties"}
    | {"CustomerMetadataPropertiesToRemove", "ClientToken"}
)
_LIST: Final = frozenset(
    {"CreationTimeAfter", "CreationTimeBefore", "MaxResults", "NameContains", "ModelApprovalStatus"}
    | {"ModelPackageGroupName", "ModelPackageType", "NextToken", "SortBy", "SortOrder"}
)
_CONTAINER: Final = frozenset(
    {"ContainerHostname", "Image", "ImageDigest", "ModelDataUrl", "Environment", "Framework"}
    | {"FrameworkVersion", "NearestModelName", "ModelDataETag"}
)
_LISTING: Final = Listing(result="ModelPackageSummaryList", name="ModelPackageGroupName", order="Ascending")


@dataclass(slots=True, kw_only=True)
class ModelPackage:
    """One version of a group."""

    group: ModelPackageGroup
    version: int
    arn: str
    created: float
    modified: float
    approval: str
    approval_description: str | None
    created_by: str
    modified_by: str
    recorded: dict[str, Any]

    def summary(self) -> dict[str, Any]:
        """Return the members that lists and descriptions share."""
        summary = {
            "ModelPackageGroupName": self.group.name,
            "ModelPackageVersion": self.version,
            "ModelPackageArn": self.arn,
            "CreationTime": self.created,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": self.approval,
        }
        text = self.recorded.get("ModelPackageDescription")
        return summary | ({"ModelPackageDescription": text} if text else {})

    def description(self) -> dict[str, Any]:
        """Return what DescribeModelPackage answers."""
        details: dict[str, Any] = {"ValidationStatuses": [], "ImageScanStatuses": []}
        described = self.summary() | self.recorded
        described |= {"ModelPackageName": f"{self.group.name}/{self.version}", "CertifyForMarketplace": False}
        described |= {"ModelPackageStatusDetails": details, "LastModifiedTime": self.modified}
        described |= {"CreatedBy": _identity(self.created_by), "LastModifiedBy": _identity(self.modified_by)}
        if self.approval_description is not None:
            described["ApprovalDescription"] = self.approval_description
        return described


class ModelPackages:
    """The model package versions of the account; a new one is Completed at once.

    Creating one and changing its approval puts an event on the bus. ClientToken makes creating idempotent.
    """

    def __init__(
        self, clock: CloudClock, groups: ModelPackageGroups, events: Events, *, caller: Callable[[], str]
    ) -> None:
        self._clock = clock
        self._caller = caller
        self._groups = groups
        self._events = events
        self._tokens: dict[str, str] = {}

    def get(self, name: str) -> ModelPackage:
        """Return a version by `group/version` or ARN.

        Raises:
            AwsError: ValidationException, when there is none.

        """
        path = name.partition(":model-package/")[2] or name
        group_name, _, number = path.partition("/")
        missing = invalid(f"ModelPackage {arn('model-package', path)} does not exist.")
        groups = {group.name.lower(): group for group in self._groups.all()}
        group = groups.get(group_name.lower())
        if group is None or not number.isdecimal() or int(number) not in group.versions:
            raise missing
        package: ModelPackage = group.versions[int(number)]
        return package

    def deployable(self, name: str, environment: Mapping[str, str]) -> ContainerSpec:
        """Return what instances of an approved version run.

        Args:
            name: `group/version` or ARN.
            environment: added to the package's own, and stronger.

        Raises:
            AwsError: ValidationException, when there is none or it is not Approved.

        """
        package = self.get(name)
        if package.approval != "Approved":
            raise invalid(
                f'Cannot create a model from model package "{package.arn}": '
                f"its approval status is {package.approval}"
            )
        container = package.recorded["InferenceSpecification"]["Containers"][0]
        return ContainerSpec(
            image=container["Image"],
            model_data_url=container["ModelDataUrl"],
            environment=container.get("Environment", {}) | dict(environment),
        )

    def op_create_model_package(self, params: Params) -> dict[str, Any]:
        """Register the next version of a group."""
        token = params.get("ClientToken")
        if token in self._tokens:
            return {"ModelPackageArn": self._tokens[token]}
        if params.get("Tags"):
            raise invalid("a versioned model package uses the tags of its group: Tags cannot be set")
        require_emulated(params, _CREATE, "CreateModelPackage")
        if "ModelPackageGroupName" not in params:
            raise NotEmulated("SageMaker CreateModelPackage without ModelPackageGroupName")
        _check_specification(params.get("InferenceSpecification"))
        group = self._groups.get(params["ModelPackageGroupName"])
        package = self._add(group, params)
        if token is not None:
            self._tokens[token] = package.arn
        self._events.package(package)
        return {"ModelPackageArn": package.arn}

    def op_describe_model_package(self, params: Params) -> dict[str, Any]:
        """Describe a version."""
        return self.get(params["ModelPackageName"]).description()

    def op_update_model_package(self, params: Params) -> dict[str, Any]:
        """Change the approval, its description and customer metadata."""
        require_emulated(params, _UPDATE, "UpdateModelPackage")
        package = self.get(params["ModelPackageArn"])
        before = package.approval
        package.approval = params.get("ModelApprovalStatus", before)
        package.approval_description = params.get("ApprovalDescription", package.approval_description)
        metadata = dict(package.recorded.get("CustomerMetadataProperties", {}))
        metadata |= params.get("CustomerMetadataProperties", {})
        for key in params.get("CustomerMetadataPropertiesToRemove", []):
            metadata.pop(key, None)
        package.recorded["CustomerMetadataProperties"] = metadata
        package.modified, package.modified_by = self._clock.now(), self._caller()
        if package.approval != before:
            self._events.package(package)
        return {"ModelPackageArn": package.arn}

    def op_delete_model_package(self, params: Params) -> dict[str, Any]:
        """Delete a version; its number is not used again."""
        package = self.get(params["ModelPackageName"])
        del package.group.versions[package.version]
        return {}

    def op_list_model_packages(self, params: Params) -> dict[str, Any]:
        """List versions; only versioned packages exist here."""
        require_emulated(params, _LIST, "ListModelPackages")
        if params.get("ModelPackageType", "Versioned") == "Unversioned":
            return {"ModelPackageSummaryList": []}
        name = params.get("ModelPackageGroupName")
        groups = [self._groups.get(name)] if name else self._groups.all()
        wanted = params.get("ModelApprovalStatus")
        found = [package.summary() for group in groups for package in group.versions.values()]
        return _LISTING.page(
            (each for each in found if wanted in (None, each["ModelApprovalStatus"])), params
        )

    def _add(self, group: ModelPackageGroup, params: Params) -> ModelPackage:
        group.newest_version += 1
        now, caller = self._clock.now(), self._caller()
        package = ModelPackage(
            group=group,
            version=group.newest_version,
            arn=arn("model-package", f"{group.name}/{group.newest_version}"),
            created=now,
            modified=now,
            approval=params.get("ModelApprovalStatus", "PendingManualApproval"),
            approval_description=None,
            created_by=caller,
            modified_by=caller,
            recorded={name: value for name, value in params.items() if name in _RECORDED},
        )
        group.versions[package.version] = package
        return package


def _identity(arn: str) -> dict[str, Any]:
    """Return an identity as the registry names those that do not come from a domain of Studio."""
    return {"IamIdentity": {"Arn": arn, "PrincipalId": arn.rpartition("/")[2]}}


def _check_specification(specification: Params | None) -> None:
    if specification is None:
        raise NotEmulated("SageMaker CreateModelPackage without InferenceSpecification")
    if len(specification["Containers"]) > 1:
        raise NotEmulated("SageMaker CreateModelPackage with several containers")
    container = specification["Containers"][0]
    require_emulated(container, _CONTAINER, "CreateModelPackage.InferenceSpecification.Containers")
    for name in ("Image", "ModelDataUrl"):
        if name not in container:
            raise NotEmulated(f"SageMaker CreateModelPackage: a container without {name}")
