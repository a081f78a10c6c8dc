"""What promoting model versions needs of the world, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tidegate_runtime.ports import Run
from tidegate_runtime.validation.ports import Hosted
from tidegate_runtime.versions import Version


class Versions(Protocol):
    """The model registry, as far as a pipeline promotes its versions."""

    def describe(self, arn: str) -> Version:
        """Return a version, also one of another account; raises NotApproved when there is none."""

    def made_from(self, source_arn: str, *, group: str, region: str, since: float) -> Version | None:
        """Return the version of a group that was registered from a source, looking at those made since."""

    def register(self, definition: Mapping[str, Any], *, region: str, token: str) -> str:
        """Register a version and return its ARN; the same token registers once."""

    def decide(self, arn: str, *, approval: str, note: str, metadata: Mapping[str, str]) -> None:
        """Set the approval of a version with a note, and add to its metadata, in one call."""

    def note(self, arn: str, metadata: Mapping[str, str]) -> None:
        """Add to the metadata of a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An artifact in S3.

    Attributes:
        bucket: Where it lies.
        key: Its key.
        version: Its S3 version id.
        size: Bytes.
        digest: `sha256:...` or `md5:...`, as S3 tells it; empty when it does not.
        etag: As S3 tells it.
        origin: What it was copied from, as `Artifacts.copy` was told; empty otherwise.

    """

    bucket: str
    key: str
    version: str
    size: int
    digest: str = ""
    etag: str = ""
    origin: str = ""

    @property
    def uri(self) -> str:
        """Its URI, without the version."""
        return f"s3://{self.bucket}/{self.key}"


class Artifacts(Protocol):
    """Model artifacts in S3."""

    def find(self, bucket: str, key: str, *, version: str = "") -> Stored | None:
        """Return an artifact in a version, or in its newest one; None when there is none."""

    def copy(self, source: Stored, *, bucket: str, key: str, origin: str) -> None:
        """Copy an artifact within S3, and write down what it was copied from."""


class Live(Protocol):
    """The parameter that names the live version, which a pipeline only reads."""

    def read(self) -> str | None:
        """Return the live version's ARN, or None before the first."""


class Served(Protocol):
    """Endpoints, which a pipeline only looks at."""

    def describe(self, name: str) -> Hosted | None:
        """Return an endpoint, or None when there is none of that name."""


class Rollouts(Protocol):
    """What the ledger of an environment says about the rollouts of approved versions."""

    def of(self, number: str) -> Sequence[Run]:
        """Return the records of a version's rollouts, in the order of its approvals."""

    def every(self) -> Sequence[Run]:
        """Return the records of all versions' rollouts, in the order of the approvals."""

    def judged(self, rollout_id: str) -> Sequence[Mapping[str, Any]]:
        """Return what the judge has put on record, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's approval in a pipeline: who, what was said, in which stage."""

    by: str
    comment: str
    stage: str


class Approvals(Protocol):
    """What people have decided in a pipeline."""

    def newest(self, pipeline: str, execution: str, *, stage: str) -> Decision | None:
        """Return the newest manual approval in a stage of an execution, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """An execution of a SageMaker Pipeline.

    Attributes:
        status: Executing, Stopping, Stopped, Failed or Succeeded.
        failure: Why it failed.
        packages: ARNs of the versions that it has registered.
        training_jobs: ARNs of its training jobs.

    """

    status: str
    failure: str = ""
    packages: tuple[str, ...] = ()
    training_jobs: tuple[str, ...] = ()


class Training(Protocol):
    """SageMaker Pipelines."""

    def start(self, pipeline: str, *, parameters: Mapping[str, str], token: str) -> str:
        """Start an execution and return its ARN; the same token starts once."""

    def describe(self, execution_arn: str) -> TrainingRun:
        """Return an execution; what its steps have made, once it has succeeded."""
