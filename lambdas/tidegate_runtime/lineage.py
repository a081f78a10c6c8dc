"""Where a model package version comes from: the customer metadata properties that say so.

The registry keeps them with the version (at most 50, keys of 128 and values of 256 characters):
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

SOURCE_PACKAGE: Final = "tidegate:source-package"
"""ARN of the version that this one was copied or shared from, in the environment before."""

COMMIT: Final = "tidegate:commit"
"""Id of the source revision that the training code was built from."""

BUILD: Final = "tidegate:build"
"""Id of the build, for example of CodeBuild, that ran the code."""

PIPELINE_EXECUTION: Final = "tidegate:pipeline-execution"
"""ARN of the execution (of a SageMaker Pipeline, or id of one of a CodePipeline) that registered it."""

DATA_VERSION: Final = "tidegate:data-version"
"""Version of the training data: an S3 version id, or a URI that holds one."""

TRAINING_JOB: Final = "tidegate:training-job"
"""Name or ARN of the training job that made the artifact."""

LONGEST_VALUE: Final = 256
"""Characters of a value that the registry takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where a version comes from; what is not known is empty.

    Attributes:
        source_package: ARN of the version that it was made from, in another environment.
        commit: Source revision.
        build: Id of the build.
        pipeline_execution: What registered it.
        data_version: Version of the training data.
        training_job: Name or ARN of the training job.

    Example:
        Lineage(commit="1a2b3c").to_metadata() == {"tidegate:commit": "1a2b3c"}

    """

    source_package: str = ""
    commit: str = ""
    build: str = ""
    pipeline_execution: str = ""
    data_version: str = ""
    training_job: str = ""

    @classmethod
    def of_metadata(cls, metadata: Mapping[str, str]) -> Self:
        """Read what a version's customer metadata says."""
        return cls(**{name: metadata.get(key, "") for name, key in KEYS.items()})

    @classmethod
    def of_package(cls, described: Mapping[str, Any]) -> Self:
        """Read what DescribeModelPackage answers; SageMaker's own properties stand in for ours.

        Source:
            https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetadataProperties.html

        """
        ours = cls.of_metadata(described.get("CustomerMetadataProperties") or {})
        theirs = described.get("MetadataProperties") or {}
        return cls(
            source_package=ours.source_package,
            commit=ours.commit or theirs.get("CommitId", ""),
            build=ours.build,
            pipeline_execution=ours.pipeline_execution or theirs.get("GeneratedBy", ""),
            data_version=ours.data_version,
            training_job=ours.training_job,
        )

    def to_metadata(self) -> dict[str, str]:
        """Return the customer metadata properties that say this, without those that are not known."""
        return {key: value for name, key in KEYS.items() if (value := getattr(self, name))}


KEYS: Final[Mapping[str, str]] = {
    "source_package": SOURCE_PACKAGE,
    "commit": COMMIT,
    "build": BUILD,
    "pipeline_execution": PIPELINE_EXECUTION,
    "data_version": DATA_VERSION,
    "training_job": TRAINING_JOB,
}
"""Field of `Lineage` to customer metadata property."""
