"""The `Versions` port on the model registry, across accounts and regions."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, message_of, translated
from tidegate_runtime.errors import NotApproved
from tidegate_runtime.lineage import SOURCE_PACKAGE
from tidegate_runtime.versions import Version, named, region_of

# What a copy in another group has of its own, and what belongs to the account of the original.
_NOT_COPIED: Final = frozenset(
    {"ModelPackageName", "ModelPackageGroupName", "ModelApprovalStatus", "CustomerMetadataProperties"}
    | {"ClientToken", "Tags", "CertifyForMarketplace", "ValidationSpecification", "SecurityConfig"}
    | {"ModelLifeCycle", "ModelCard", "ManagedStorageType"}
)


class ModelVersions:
    """Versions of model package groups.

    Args:
        client: Makes a client of SageMaker for a region.

    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client

    def describe(self, arn: str) -> Version:
        """Return a version, also one of another account or region.

        Raises:
            NotApproved: there is none.

        """
        client = self._of(arn)
        with translated():
            try:
                answer = client.describe_model_package(ModelPackageName=arn)
            except ClientError as error:
                if "does not exist" not in message_of(error) and code_of(error) != "ResourceNotFound":
                    raise
                raise NotApproved(f"{named(arn)} does not exist") from error
        taken = client.meta.service_model.operation_model("CreateModelPackage").input_shape
        return Version(
            arn=answer["ModelPackageArn"],
            group=answer.get("ModelPackageGroupName", ""),
            approval=answer.get("ModelApprovalStatus", ""),
            approval_note=answer.get("ApprovalDescription", ""),
            changed_by=_who(answer.get("LastModifiedBy", {})),
            created_at=answer["CreationTime"].timestamp(),
            metadata=answer.get("CustomerMetadataProperties", {}),
            definition={
                name: value for name, value in _taken(answer, taken).items() if name not in _NOT_COPIED
            },
        )

    def made_from(self, source_arn: str, *, group: str, region: str, since: float) -> Version | None:
        """Return the version of a group that was registered from a source; None when there is none.

        Descriptions narrow the list down, since they are part of it; the metadata decides.
        """
        client = self._client(region)
        pages = client.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group, CreationTimeAfter=since - 1
        )
        with translated():
            found = [
                one["ModelPackageArn"]
                for page in pages
                for one in page["ModelPackageSummaryList"]
                if one.get("ModelPackageDescription", "").endswith(source_arn)
            ]
        made = (self.describe(arn) for arn in found)
        return next((one for one in made if one.metadata.get(SOURCE_PACKAGE) == source_arn), None)

    def register(self, definition: Mapping[str, Any], *, region: str, token: str) -> str:
        """Register a version and return its ARN."""
        with translated():
            answer = self._client(region).create_model_package(**definition, ClientToken=token)
        return str(answer["ModelPackageArn"])

    def decide(self, arn: str, *, approval: str, note: str, metadata: Mapping[str, str]) -> None:
        """Set the approval of a version, with a note, and add to its metadata."""
        more = {"CustomerMetadataProperties": dict(metadata)} if metadata else {}
        with translated():
            self._of(arn).update_model_package(
                ModelPackageArn=arn, ModelApprovalStatus=approval, ApprovalDescription=note, **more
            )

    def note(self, arn: str, metadata: Mapping[str, str]) -> None:
        """Add to the metadata of a version."""
        if metadata:
            with translated():
                self._of(arn).update_model_package(
                    ModelPackageArn=arn, CustomerMetadataProperties=dict(metadata)
                )

    def _of(self, arn: str) -> Any:
        return self._client(region_of(arn))


def _who(user: Mapping[str, Any]) -> str:
    return str(user.get("UserProfileName") or user.get("IamIdentity", {}).get("Arn") or "")


def _taken(answer: Any, shape: Any) -> Any:
    """Return what of an answer belongs to a shape of a request: by botocore's model, member by member."""
    if shape.type_name == "structure":
        return {
            name: _taken(answer[name], member) for name, member in shape.members.items() if name in answer
        }
    if shape.type_name == "list":
        return [_taken(one, shape.member) for one in answer]
    return answer
