"""Why a job fails, or part of it.

AWS names who is to blame in a job's FailureReason, and refers to the log of the job for the rest; the local
cloud has no such log and says it there.
"""

from typing import ClassVar


class JobFault(Exception):
    """A job, or one object of it, has failed."""

    blame: ClassVar[str] = "InternalServerError"


class ClientFault(JobFault):
    """The data or the settings are wrong."""

    blame = "ClientError"


class AlgorithmFault(JobFault):
    """The model is."""

    blame = "AlgorithmError"


class JobStopped(Exception):
    """The job was asked to stop."""
