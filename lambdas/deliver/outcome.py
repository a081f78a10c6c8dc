"""What a job comes to: done, not yet, or failed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

JOB_FAILED: Final = "JobFailed"
CONFIGURATION: Final = "ConfigurationError"
PERMISSION: Final = "PermissionError"
UNAVAILABLE: Final = "SystemUnavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The job is done.

    Attributes:
        summary: One readable line; the variable `Summary`, which an approval's text may quote.
        variables: Further output variables of the action by name; `PackageArn` of a job that has a package.

    """

    summary: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The job is not done yet: CodePipeline calls again in about half a minute, for 24 hours at most.

    Attributes:
        summary: What it waits for; the action shows it.
        token: What it must know in the next call beside reality; small, at most 1,500 characters of JSON.

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html

    """

    summary: str
    token: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The job has failed, and so has its action.

    Attributes:
        message: One clear sentence: what happened, and what to do.
        kind: Type of the failure in CodePipeline's words.

    """

    message: str
    kind: str = JOB_FAILED


Outcome = Done | Wait | Failed
