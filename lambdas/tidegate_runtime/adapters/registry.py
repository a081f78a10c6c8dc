"""The `Registry` port on the model registry and S3."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, message_of, translated
from tidegate_runtime.errors import ArtifactMissing, Incompatible, NotApproved
from tidegate_runtime.lineage import Lineage
from tidegate_runtime.ports import Container, Package

ARTIFACT_VERSION: Final = "artifact_version_id"
"""Key of a model package's customer metadata that holds the S3 version id of its artifact."""

FIX_FORWARD: Final = "fix_forward"
"""Key of a model package's customer metadata that says that it is to replace a live version in trouble."""

_NOT_READABLE: Final = ("404", "403", "NoSuchKey", "NoSuchVersion", "AccessDenied", "NotFound", "400")


class ModelRegistry:
    """Model package versions and their artifacts; the S3 client is only needed for artifacts."""

    def __init__(self, client: Any, *, s3: Any = None) -> None:
        self._client = client
        self._s3 = s3

    def package(self, arn: str) -> Package:
        """Return a model package version.

        Raises:
            NotApproved: there is none.
            Incompatible: its customer metadata says what nobody understands.

        """
        with translated():
            try:
                answer = self._client.describe_model_package(ModelPackageName=arn)
            except ClientError as error:
                if "does not exist" not in message_of(error) and code_of(error) != "ResourceNotFound":
                    raise
                raise NotApproved(f"{arn} does not exist") from error
        metadata = answer.get("CustomerMetadataProperties", {})
        specification = answer.get("InferenceSpecification", {})
        return Package(
            arn=arn,
            group=answer.get("ModelPackageGroupName", ""),
            approval=answer.get("ModelApprovalStatus", ""),
            containers=tuple(_container(raw) for raw in specification.get("Containers", ())),
            instance_types=tuple(specification.get("SupportedRealtimeInferenceInstanceTypes", ())),
            artifact_version=metadata.get(ARTIFACT_VERSION, ""),
            fix_forward=_flag(metadata, FIX_FORWARD),
            changed_by=_name(answer.get("LastModifiedBy") or {}),
            lineage=Lineage.of_package(answer),
        )

    def require_artifact(self, uri: str, *, version: str) -> None:
        """Check that the artifact, in the recorded version if there is one, can be read.

        Raises:
            ArtifactMissing: it cannot.

        """
        parts = urlsplit(uri)
        chosen = {"VersionId": version} if version else {}
        with translated():
            try:
                self._s3.head_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"), **chosen)
            except ClientError as error:
                if code_of(error) not in _NOT_READABLE:
                    raise
                raise ArtifactMissing(f"{uri} (version {version or 'latest'}): {error}") from error


def _flag(metadata: Mapping[str, str], key: str) -> bool:
    value = metadata.get(key, "false")
    if value not in ("true", "false"):
        raise Incompatible(f"the customer metadata property {key} must be true or false, got {value!r}")
    return value == "true"


def _name(user: Mapping[str, Any]) -> str:
    return str(user.get("UserProfileName") or user.get("IamIdentity", {}).get("Arn") or "")


def _container(raw: Mapping[str, Any]) -> Container:
    source = raw.get("ModelDataSource", {}).get("S3DataSource", {})
    return Container(
        image=raw.get("ImageDigest") or raw.get("Image", ""),
        artifact_uri=raw.get("ModelDataUrl") or source.get("S3Uri", ""),
        environment=raw.get("Environment", {}),
    )
