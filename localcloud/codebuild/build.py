"""One build: what the API shows of it.

Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.codebuild.handover import Handover
from localcloud.codebuild.project import Project, build_arn

IN_PROGRESS: Final = "IN_PROGRESS"
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
FAULT: Final = "FAULT"
TIMED_OUT: Final = "TIMED_OUT"
STOPPED: Final = "STOPPED"


@dataclass(slots=True, kw_only=True)
class Build:
    """One build.

    Attributes:
        id: `project:uuid`.
        number: 1 for the project's first.
        project: as it was when the build began.
        overrides: environment variables over the project's, as the API has them.
        handover: from a pipeline, None for a build that somebody started.
        began: cloud time in epoch seconds.
        ended: the same; None until then.
        status: IN_PROGRESS, SUCCEEDED, FAILED, FAULT, TIMED_OUT or STOPPED.
        phase: what it does now.
        phases: what it has done, as the API has them.
        exported: exported variables.
        source_version: revision of its source, empty for none.
        stopping: set when somebody stops it.
        over: set at its end.

    """

    id: str
    number: int
    project: Project
    overrides: tuple[Mapping[str, Any], ...]
    handover: Handover | None
    began: float
    ended: float | None = None
    status: str = IN_PROGRESS
    phase: str = "SUBMITTED"
    phases: list[dict[str, Any]] = field(default_factory=list)
    exported: Mapping[str, str] = field(default_factory=dict)
    source_version: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def group(self) -> str:
        """Its log group."""
        logs = self.project.members.get("logsConfig", {}).get("cloudWatchLogs", {})
        return str(logs.get("groupName") or f"/aws/codebuild/{self.project.name}")

    @property
    def stream(self) -> str:
        """Its log stream."""
        logs = self.project.members.get("logsConfig", {}).get("cloudWatchLogs", {})
        own = self.id.partition(":")[2]
        return f"{logs['streamName']}/{own}" if logs.get("streamName") else own

    def variables(self) -> dict[str, Mapping[str, Any]]:
        """Return its declared environment variables by name; those of StartBuild go over the project's."""
        declared = self.project.members["environment"].get("environmentVariables", ())
        return {each["name"]: each for each in (*declared, *self.overrides)}

    def told(self) -> str:
        """Return why it failed, in the words of the phase that did."""
        for phase in self.phases:
            for context in phase.get("contexts", ()):
                return f"{phase['phaseType']}: {context['statusCode']}: {context['message']}"
        return ""

    def describe(self) -> dict[str, Any]:
        """Return the build as the API shows it."""
        members = self.project.members
        shown: dict[str, Any] = {
            "id": self.id,
            "arn": build_arn(self.id),
            "buildNumber": self.number,
            "startTime": self.began,
            "currentPhase": self.phase,
            "buildStatus": self.status,
            "buildComplete": self.over.is_set(),
            "projectName": self.project.name,
            "phases": list(self.phases),
            "source": members["source"],
            "artifacts": {"location": ""},
            "environment": members["environment"],
            "serviceRole": self.project.role_arn,
            "timeoutInMinutes": self.project.minutes,
            "queuedTimeoutInMinutes": 480,
            "logs": {"groupName": self.group, "streamName": self.stream},
            "initiator": self.handover.initiator if self.handover is not None else "root",
            "exportedEnvironmentVariables": [
                {"name": name, "value": value} for name, value in self.exported.items()
            ],
        }
        if self.ended is not None:
            shown["endTime"] = self.ended
        if self.source_version:
            shown["resolvedSourceVersion"] = self.source_version
        return shown
