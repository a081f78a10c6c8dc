"""Where a version comes from, as far as its rollout's record and the registry tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from tidegate_runtime.lineage import COMMIT

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What is known about a model package version.

    Attributes:
        package_arn: The version.
        approval: Its approval status now; empty when the registry cannot be asked.
        changed_by: Who changed it last, which for an approved version is who approved it; empty when unknown.
        comment: What was said at the approval.
        approved_by: Who had approved it when its rollout was checked; empty when nobody recorded it.
        commit: Source revision that it was trained from, as recorded; empty when nobody recorded it.

    """

    package_arn: str
    approval: str = ""
    changed_by: str = ""
    comment: str = ""
    approved_by: str = ""
    commit: str = ""

    @classmethod
    def read(cls, sagemaker: "SageMakerClient", record: Mapping[str, Any]) -> Self:
        """Ask a rollout's record and the registry; where neither answers, everything but the ARN is empty."""
        package_arn = str(record.get("package_arn", ""))
        recorded = {
            "package_arn": package_arn,
            "approved_by": str(record.get("approved_by", "")),
            "commit": str(record.get("lineage", {}).get(COMMIT, "")),
        }
        try:
            answer: Any = (
                sagemaker.describe_model_package(ModelPackageName=package_arn) if package_arn else {}
            )
        except (BotoCoreError, ClientError):
            return cls(**recorded)
        return cls(
            **recorded,
            approval=str(answer.get("ModelApprovalStatus", "")),
            changed_by=_name(answer.get("LastModifiedBy") or answer.get("CreatedBy") or {}),
            comment=str(answer.get("ApprovalDescription", "")),
        )


def _name(user: dict[str, Any]) -> str:
    return str(user.get("UserProfileName") or user.get("IamIdentity", {}).get("Arn") or "")
