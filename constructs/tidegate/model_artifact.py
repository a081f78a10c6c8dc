"""Where the files of a model lie in S3."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from aws_cdk import Token
from aws_cdk import aws_iam as iam

from tidegate._rulebook_models import LONGEST_VERSION
from tidegate._s3_uri import bucket_arn, exact_arn, key_prefix, object_arn, require_s3
from tidegate._validation import Faults

LONGEST_URI: Final = 1024


class ArtifactKind(Enum):
    """How SageMaker reads an artifact."""

    ARCHIVE = "archive"
    FILE = "file"
    FOLDER = "folder"
    MANY_MODELS = "many-models"


_ENDINGS: Final = {
    ArtifactKind.ARCHIVE: ("artifact-archive", ".tar.gz"),
    ArtifactKind.FOLDER: ("artifact-folder", "/"),
    ArtifactKind.MANY_MODELS: ("artifact-many-models", "/"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelArtifact:
    """The files of a model: an archive, a folder, one file, or a prefix with many models.

    Use the factories. An artifact replaced under a running endpoint gives unpredictable results at the next
    scale-out: keep it in a versioned bucket and write each version to a key of its own.

    Attributes:
        uri: `s3://` address, at most 1024 characters.
        kind: How SageMaker reads it.
        version_id: S3 version of the object when known; SageMaker cannot pin it, so it is recorded as a tag
            of the model.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        ModelArtifact.archive("s3://models/digits/7/model.tar.gz", version_id="3HL4kqtJlcpXroDTDmJ")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3ModelDataSource.html

    """

    uri: str
    kind: ArtifactKind
    version_id: str | None = None

    def __post_init__(self) -> None:
        faults = Faults("model artifact")
        require_s3(faults, self.uri, field="uri", longest=LONGEST_URI)
        if self.kind in _ENDINGS:
            rule, ending = _ENDINGS[self.kind]
            faults.rule(
                rule,
                ok=Token.is_unresolved(self.uri) or self.uri.endswith(ending),
                message=f"uri must end in {ending}, got {self.uri!r}",
            )
        faults.rule(
            "artifact-version",
            ok=self.version_id is None or 1 <= len(self.version_id) <= LONGEST_VERSION,
            message=f"version_id must be 1 to {LONGEST_VERSION} characters",
        )
        faults.raise_if_any()

    @classmethod
    def archive(cls, uri: str, *, version_id: str | None = None) -> "ModelArtifact":
        """Return a `.tar.gz` archive, unpacked into `/opt/ml/model`."""
        return cls(uri=uri, kind=ArtifactKind.ARCHIVE, version_id=version_id)

    @classmethod
    def file(cls, uri: str, *, version_id: str | None = None) -> "ModelArtifact":
        """Return one uncompressed file, for example an ONNX model."""
        return cls(uri=uri, kind=ArtifactKind.FILE, version_id=version_id)

    @classmethod
    def folder(cls, uri: str) -> "ModelArtifact":
        """Return an uncompressed folder, for example an MLflow model with its pyfunc flavour."""
        return cls(uri=uri, kind=ArtifactKind.FOLDER)

    @classmethod
    def many_models(cls, uri: str) -> "ModelArtifact":
        """Return a prefix with one archive a model; each request names its `TargetModel`."""
        return cls(uri=uri, kind=ArtifactKind.MANY_MODELS)

    @property
    def uncompressed(self) -> bool:
        """Whether SageMaker is told by `ModelDataSource`, which some kinds of inference exclude."""
        return self.kind in {ArtifactKind.FILE, ArtifactKind.FOLDER}

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what the execution role needs to read the files, and only these."""
        whole = self.kind in {ArtifactKind.FOLDER, ArtifactKind.MANY_MODELS}
        read = iam.PolicyStatement(
            sid="ReadArtifacts",
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[object_arn(self.uri) if whole else exact_arn(self.uri)],
        )
        if not whole:
            return [read]
        found = iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[bucket_arn(self.uri)],
            conditions={"StringLike": {"s3:prefix": [f"{key_prefix(self.uri)}*"]}},
        )
        return [read, found]
