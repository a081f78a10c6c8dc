"""What the jobs need of the world, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping
from typing import Protocol


class JobReports(Protocol):
    """What CodePipeline is told; a job that is over already takes no report, which is fine."""

    def done(self, job_id: str, *, variables: Mapping[str, str], summary: str) -> None:
        """Tell that a job is done; raises Rejected when CodePipeline does not take the variables."""

    def goes_on(self, job_id: str, *, token: str, summary: str) -> None:
        """Tell that a job is not done yet, and must be called again with this token."""

    def failed(self, job_id: str, *, message: str, kind: str) -> None:
        """Tell that a job has failed, and why."""


class Outputs(Protocol):
    """Outputs of stacks."""

    def of(self, stack_name: str) -> Mapping[str, str]:
        """Return a stack's outputs by their names; empty when there is no such stack."""


class Marker(Protocol):
    """The object that says which source revision is released."""

    def read(self) -> bytes | None:
        """Return the object, or None before the first release."""

    def write(self, content: bytes) -> None:
        """Replace the object."""
