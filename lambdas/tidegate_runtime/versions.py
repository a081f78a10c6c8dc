"""A version in a model package group, as the jobs see it, and what they write into its metadata."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

APPROVED: Final = "Approved"
REJECTED: Final = "Rejected"
PENDING: Final = "PendingManualApproval"

APPROVED_IN: Final = "tidegate:approved-in"
"""Customer metadata property: the pipeline execution that approved the version."""

APPROVED_BY_JOB: Final = "tidegate:approved-by-job"
"""Customer metadata property: the call of a pipeline that approved it, so that it does so once."""

ROLLOUT_BEFORE: Final = "tidegate:rollout-before"
"""Customer metadata property: the version's newest rollout when it was approved, or `none`."""

ARTIFACT_DIGEST: Final = "tidegate:artifact-digest"
"""Customer metadata property: digest of the artifact, as S3 told it when it was copied."""

ARTIFACT_VERSION: Final = "artifact_version_id"
"""Customer metadata property: S3 version id of the artifact."""

NO_ROLLOUT: Final = "none"
OF_ONE_APPROVAL: Final = (APPROVED_IN, APPROVED_BY_JOB, ROLLOUT_BEFORE)
"""Properties that a copy in another group does not take over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version as it is.

    Attributes:
        arn: Its ARN.
        group: Its model package group.
        approval: `Approved`, `Rejected` or `PendingManualApproval`.
        approval_note: What was said when the approval was changed last.
        changed_by: Who changed it last; empty when unknown.
        created_at: Seconds since 1970.
        metadata: Its customer metadata properties.
        definition: What CreateModelPackage takes of it for a copy, without group, approval and metadata.

    """

    arn: str
    group: str
    approval: str
    approval_note: str = ""
    changed_by: str = ""
    created_at: float = 0.0
    metadata: Mapping[str, str] = field(default_factory=dict)
    definition: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`<group>/<number>`, as people call it."""
        return named(self.arn)

    @property
    def number(self) -> str:
        """Number of the version in its group."""
        return self.arn.rpartition("/")[2]


def named(arn: str) -> str:
    """Return `<group>/<number>` of a version's ARN.

    Example:
        >>> named("arn:aws:sagemaker:eu-west-1:111111111111:model-package/digits-dev/7")
        'digits-dev/7'

    """
    return arn.partition(":model-package/")[2] or arn


def region_of(arn: str) -> str:
    """Return the region of an ARN, or an empty text."""
    parts = arn.split(":", 5)
    return parts[3] if len(parts) == 6 else ""
