"""CodeBuild's API.

Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Operations.html
"""

import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from localcloud.clients import Clients
from localcloud.clock import CloudClock
from localcloud.codebuild import build as states
from localcloud.codebuild.build import Build
from localcloud.codebuild.handover import Handover
from localcloud.codebuild.image import BuildImage
from localcloud.codebuild.project import Project, checked, project_arn
from localcloud.codebuild.runner import BuildRunner
from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import JsonService

Params = Mapping[str, Any]
_OVERRIDES: Final = frozenset({"projectName", "environmentVariablesOverride", "idempotencyToken"})


class CodeBuild(JsonService):
    """Projects and their builds; safe to use from any thread.

    Args:
        clock: the cloud clock.
        clients: reaches the other services.
        folder: where image and builds get their folders.

    Example:
        CodeBuild(clock, clients, folder).call("StartBuild", {"projectName": "synth"})

    """

    validation_code: ClassVar[str] = "InvalidInputException"

    def __init__(self, clock: CloudClock, clients: Clients, folder: Path) -> None:
        super().__init__("codebuild")
        self._clock = clock
        self._lock = threading.RLock()
        self._projects: dict[str, Project] = {}
        self._builds: dict[str, Build] = {}
        self._runner = BuildRunner(clients, BuildImage(folder / "image"), folder / "builds", clock.cloud_time)

    def start(
        self, project_name: str, overrides: Sequence[Mapping[str, Any]], *, handover: Handover | None = None
    ) -> Build:
        """Start a build.

        Args:
            project_name: name or ARN of the project.
            overrides: environment variables, as StartBuild has them.
            handover: from a pipeline.

        Raises:
            AwsError: ResourceNotFoundException or InvalidInputException.
            NotEmulated: the project's source.

        """
        with self._lock:
            project = self._get(project_name)
            kind = project.members["source"]["type"]
            if (kind == "CODEPIPELINE") != (handover is not None):
                raise AwsError(
                    "InvalidInputException", f"A project with the source type {kind} cannot be built so"
                )
            if kind not in ("CODEPIPELINE", "NO_SOURCE", "S3"):
                raise NotEmulated(f"CodeBuild builds of {kind} sources")
            build = Build(
                id=f"{project.name}:{uuid.uuid4()}",
                number=len(project.builds) + 1,
                project=project,
                overrides=tuple(overrides),
                handover=handover,
                began=self._clock.now(),
                source_version=handover.primary.revision if handover is not None else "",
            )
            self._builds[build.id] = build
            project.builds.append(build.id)
        threading.Thread(target=self._runner.run, args=(build,), name="build", daemon=True).start()
        return build

    def stop(self, build: Build) -> None:
        """Stop a build; one that is over stays as it is."""
        build.stopping.set()

    def close(self) -> None:
        """End every process of every build."""
        self._runner.close()

    def op_create_project(self, params: Params) -> dict[str, Any]:
        """Create a project."""
        members = checked(params)
        with self._lock:
            if members["name"] in self._projects:
                raise AwsError(
                    "ResourceAlreadyExistsException",
                    f"Project already exists: {project_arn(members['name'])}",
                )
            now = self._clock.now()
            project = Project(members=members, created_at=now, changed_at=now, builds=[])
            self._projects[project.name] = project
            return {"project": project.describe()}

    def op_update_project(self, params: Params) -> dict[str, Any]:
        """Change members of a project; builds that run keep what they began with."""
        with self._lock:
            before = self._get(params["name"])
            project = Project(
                members=checked({**before.members, **params}),
                created_at=before.created_at,
                changed_at=self._clock.now(),
                builds=before.builds,
            )
            self._projects[project.name] = project
            return {"project": project.describe()}

    def op_delete_project(self, params: Params) -> dict[str, Any]:
        """Delete a project; one that is not there is fine."""
        with self._lock:
            self._projects.pop(_name(params["name"]), None)
        return {}

    def op_list_projects(self, params: Params) -> dict[str, Any]:
        """List the names of all projects."""
        return _whole("projects", sorted(self._projects), params)

    def op_batch_get_projects(self, params: Params) -> dict[str, Any]:
        """Return projects by name or ARN."""
        with self._lock:
            names = {each: _name(each) for each in params["names"]}
            found = [self._projects[name].describe() for name in names.values() if name in self._projects]
            missing = [each for each, name in names.items() if name not in self._projects]
        return {"projects": found, "projectsNotFound": missing}

    def op_start_build(self, params: Params) -> dict[str, Any]:
        """Start a build of a project that reads from S3 or from nowhere."""
        unknown = sorted(set(params) - _OVERRIDES)
        if unknown:
            raise NotEmulated(f"CodeBuild StartBuild.{unknown[0]}")
        build = self.start(params["projectName"], params.get("environmentVariablesOverride", ()))
        return {"build": build.describe()}

    def op_stop_build(self, params: Params) -> dict[str, Any]:
        """Stop a build."""
        build = self._builds.get(params["id"])
        if build is None:
            raise AwsError("ResourceNotFoundException", f"Build {params['id']} could not be found.")
        if build.status == states.IN_PROGRESS:
            self.stop(build)
        return {"build": build.describe()}

    def op_batch_get_builds(self, params: Params) -> dict[str, Any]:
        """Return builds by id."""
        ids = [each.rpartition("build/")[2] for each in params["ids"]]
        found = [self._builds[each].describe() for each in ids if each in self._builds]
        return {"builds": found, "buildsNotFound": [each for each in ids if each not in self._builds]}

    def op_list_builds(self, params: Params) -> dict[str, Any]:
        """List the ids of all builds, newest first."""
        return _whole("ids", list(self._builds)[::-1], params)

    def op_list_builds_for_project(self, params: Params) -> dict[str, Any]:
        """List the ids of a project's builds, newest first."""
        with self._lock:
            return _whole("ids", self._get(params["projectName"]).builds[::-1], params)

    def _get(self, name: str) -> Project:
        found = self._projects.get(_name(name))
        if found is None:
            raise AwsError(
                "ResourceNotFoundException", f"Project cannot be found: {project_arn(_name(name))}"
            )
        return found


def _name(name_or_arn: str) -> str:
    return name_or_arn.rpartition("project/")[2]


def _whole(member: str, found: list[str], params: Params) -> dict[str, Any]:
    ascending = params.get("sortOrder") == "ASCENDING"
    if params.get("nextToken") or params.get("sortBy", "NAME") != "NAME":
        raise NotEmulated("CodeBuild pages and orders of lists")
    return {member: found[::-1] if ascending and member == "ids" else found}
