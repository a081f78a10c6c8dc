"""Where a version comes from, as far as the registry tells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What the registry says about a model package version.

    Attributes:
        package_arn: The version.
        approval: Its approval status now; empty when the registry cannot be asked.
        changed_by: Who changed it last, which for an approved version is who approved it; empty when unknown.
        comment: What was said at the approval.

    """

    package_arn: str
    approval: str = ""
    changed_by: str = ""
    comment: str = ""

    @classmethod
    def read(cls, sagemaker: "SageMakerClient", package_arn: str) -> Self:
        """Ask the registry; where it does not answer, everything but the ARN is empty."""
        if not package_arn:
            return cls(package_arn="")
        try:
            answer: Any = sagemaker.describe_model_package(ModelPackageName=package_arn)
        except (BotoCoreError, ClientError):
            return cls(package_arn=package_arn)
        return cls(
            package_arn=package_arn,
            approval=str(answer.get("ModelApprovalStatus", "")),
            changed_by=_name(answer.get("LastModifiedBy") or answer.get("CreatedBy") or {}),
            comment=str(answer.get("ApprovalDescription", "")),
        )


def _name(user: dict[str, Any]) -> str:
    return str(user.get("UserProfileName") or user.get("IamIdentity", {}).get("Arn") or "")
