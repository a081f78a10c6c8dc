"""Build projects.

Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from localcloud.errors import AwsError, NotEmulated

_ARN: Final = "arn:aws:codebuild:us-east-1:000000000000:"
_DEFAULT_MINUTES: Final = 60
# Members that change nothing about what a local build does, or that are only shown.
_UNSUPPORTED: Final = ("fileSystemLocations", "buildBatchConfig", "secondarySources", "secondaryArtifacts")


@dataclass(slots=True, kw_only=True)
class Project:
    """One project.

    Attributes:
        members: as CreateProject has them.
        created_at: cloud time in epoch seconds.
        changed_at: when it changed last.
        builds: ids of its builds, oldest first.

    """

    members: dict[str, Any]
    created_at: float
    changed_at: float
    builds: list[str]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.members["name"])

    @property
    def role_arn(self) -> str:
        """The role that its builds work with."""
        return str(self.members["serviceRole"])

    @property
    def minutes(self) -> int:
        """Real minutes until a build times out."""
        return int(self.members.get("timeoutInMinutes", _DEFAULT_MINUTES))

    def describe(self) -> dict[str, Any]:
        """Return the project as the API shows it."""
        return {
            "timeoutInMinutes": _DEFAULT_MINUTES,
            "queuedTimeoutInMinutes": 480,
            **self.members,
            "arn": project_arn(self.name),
            "created": self.created_at,
            "lastModified": self.changed_at,
        }


def project_arn(name: str) -> str:
    """Return the ARN of a project."""
    return f"{_ARN}project/{name}"


def build_arn(build_id: str) -> str:
    """Return the ARN of a build."""
    return f"{_ARN}build/{build_id}"


def checked(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return a project's members if its builds can be run, or at least described.

    A project that reads from GitHub, Bitbucket or CodeCommit can be created; its builds are refused.

    Raises:
        NotEmulated: a member that would change what a build does.
        AwsError: InvalidInputException.

    """
    for name in _UNSUPPORTED:
        if members.get(name):
            raise NotEmulated(f"CodeBuild project {name}")
    source, environment = members["source"], members["environment"]
    if source["type"] == "NO_SOURCE" and not source.get("buildspec"):
        raise AwsError(
            "InvalidInputException", "Project source type NO_SOURCE requires a buildspec in the project"
        )
    if (source["type"] == "CODEPIPELINE") != (members["artifacts"]["type"] == "CODEPIPELINE"):
        raise AwsError(
            "InvalidInputException", "Source and artifacts are both of type CODEPIPELINE, or neither"
        )
    if environment.get("type") not in ("LINUX_CONTAINER", "ARM_CONTAINER"):
        raise NotEmulated(f"CodeBuild environment type {environment.get('type')}")
    if environment.get("privilegedMode"):
        raise NotEmulated("CodeBuild privilegedMode: there is no container to run containers in")
    return dict(members)
