"""Put a trained model into S3 and the model registry, and approve it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.environment import REGION
from tidegate_cli.rehearsal.models import TrainedModel

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.literals import ProductionVariantInstanceTypeType
    from mypy_boto3_sagemaker.type_defs import InferenceSpecificationTypeDef

IMAGE: Final = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
"""AWS's scikit-learn container. The local cloud records it and runs the inference code itself."""

_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Where versions of one service go.

    Attributes:
        aws: Clients of the local cloud.
        bucket: The artifact bucket.
        group: The model package group.
        instance_types: Instance types that a version may serve on.

    """

    aws: LocalAws
    bucket: str
    group: str
    instance_types: "tuple[ProductionVariantInstanceTypeType, ...]" = (
        "ml.m5.large",
        "ml.m5.xlarge",
        "ml.c5.large",
        "ml.c5.xlarge",
    )

    def register(self, model: TrainedModel) -> str:
        """Upload a model and register it, not yet approved; return its model package ARN.

        The S3 version id goes into the metadata: before a rollout the controller checks that this very object
        is still there.
        """
        key = f"models/{self.group}/{model.version}/model.tar.gz"
        stored = self.aws.s3.put_object(Bucket=self.bucket, Key=key, Body=model.archive.read_bytes())
        answer = self.aws.sagemaker.create_model_package(
            ModelPackageGroupName=self.group,
            ModelPackageDescription=f"{model.version}: {model.what}",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=self._specification(f"s3://{self.bucket}/{key}"),
            CustomerMetadataProperties={
                "version": model.version,
                "accuracy": f"{model.accuracy:.4f}",
                "artifact_version_id": stored.get("VersionId", ""),
            },
        )
        return answer["ModelPackageArn"]

    def _specification(self, artifact: str) -> "InferenceSpecificationTypeDef":
        return {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": artifact}],
            "SupportedContentTypes": [_JSON],
            "SupportedResponseMIMETypes": [_JSON],
            "SupportedRealtimeInferenceInstanceTypes": self.instance_types,
        }

    def approve(self, package_arn: str) -> None:
        """Approve a version: the event that starts its rollout."""
        self.aws.sagemaker.update_model_package(
            ModelPackageArn=package_arn,
            ModelApprovalStatus="Approved",
            ApprovalDescription="approved by the rehearsal",
        )
