"""Model package groups.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackageGroup.html
"""

from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.names import Params, arn, invalid, require_emulated
from localcloud.sagemaker.tags import Tags

_GROUP: Final = frozenset({"ModelPackageGroupName", "ModelPackageGroupDescription", "Tags"})
_LISTING: Final = Listing(
    result="ModelPackageGroupSummaryList", name="ModelPackageGroupName", order="Ascending"
)


@dataclass(slots=True, kw_only=True)
class ModelPackageGroup:
    """A group; version numbers are never given twice."""

    name: str
    arn: str
    created: float
    description: str | None
    newest_version: int = 0
    versions: dict[int, Any] = field(default_factory=dict)


class ModelPackageGroups:
    """The model package groups of the account; a new one is Completed at once."""

    def __init__(self, clock: CloudClock, tags: Tags) -> None:
        self._clock = clock
        self._tags = tags
        self._groups: dict[str, ModelPackageGroup] = {}

    def all(self) -> list[ModelPackageGroup]:
        """Return every group."""
        return list(self._groups.values())

    def get(self, name_or_arn: str) -> ModelPackageGroup:
        """Return a group by name or ARN.

        Raises:
            AwsError: ValidationException, when there is none.

        """
        name = name_or_arn.rpartition("/")[2]
        group = self._groups.get(name.lower())
        if group is None:
            raise invalid(f"Model Package Group {arn('model-package-group', name)} does not exist.")
        return group

    def op_create_model_package_group(self, params: Params) -> dict[str, Any]:
        """Create a group."""
        require_emulated(params, _GROUP, "CreateModelPackageGroup")
        name = params["ModelPackageGroupName"]
        group = ModelPackageGroup(
            name=name,
            arn=arn("model-package-group", name),
            created=self._clock.now(),
            description=params.get("ModelPackageGroupDescription"),
        )
        if name.lower() in self._groups:
            raise invalid(f"Model Package Group already exists: {group.arn}")
        self._groups[name.lower()] = group
        self._tags.create(group.arn, params.get("Tags"))
        return {"ModelPackageGroupArn": group.arn}

    def op_describe_model_package_group(self, params: Params) -> dict[str, Any]:
        """Describe a group."""
        return _summary(self.get(params["ModelPackageGroupName"])) | {"CreatedBy": {}}

    def op_delete_model_package_group(self, params: Params) -> dict[str, Any]:
        """Delete a group that has no versions left."""
        group = self.get(params["ModelPackageGroupName"])
        if group.versions:
            raise invalid(f"Model Package Group {group.arn} still has model packages: delete them first")
        del self._groups[group.name.lower()]
        self._tags.forget(group.arn)
        return {}

    def op_list_model_package_groups(self, params: Params) -> dict[str, Any]:
        """List groups."""
        if "CrossAccountFilterOption" in params:
            require_emulated({"CrossAccountFilterOption": True}, (), "ListModelPackageGroups")
        return _LISTING.page(map(_summary, self._groups.values()), params)


def _summary(group: ModelPackageGroup) -> dict[str, Any]:
    summary = {
        "ModelPackageGroupName": group.name,
        "ModelPackageGroupArn": group.arn,
        "CreationTime": group.created,
        "ModelPackageGroupStatus": "Completed",
    }
    described = {"ModelPackageGroupDescription": group.description} if group.description else {}
    return summary | described
