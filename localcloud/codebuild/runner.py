"""Runs one build in a folder of its own, phase by phase.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

import contextlib
import logging
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from localcloud.artifact import Artifact
from localcloud.clients import Clients
from localcloud.codebuild import build as states
from localcloud.codebuild.build import Build
from localcloud.codebuild.buildspec import Buildspec, BuildspecError
from localcloud.codebuild.files import ArtifactError, pack, unpack
from localcloud.codebuild.image import BuildImage
from localcloud.codebuild.logs import BuildLog
from localcloud.codebuild.script import exported, progress, script
from localcloud.codebuild.surroundings import variables
from localcloud.errors import NotEmulated

LONGEST_SECONDS: Final = 900.0
"""Real seconds that a build may take, whatever its project allows."""

_logger: Final = logging.getLogger(__name__)
_SUPERVISOR: Final = Path(__file__).with_name("supervisor.py")
_POLL_SECONDS: Final = 0.05


class _Failure(Exception):
    """A phase that failed, with its context."""


class BuildRunner:
    """Runs builds.

    Args:
        clients: reaches S3, Logs and whatever a build's variables need.
        image: programs of every build.
        folder: where builds get their folders.
        cloud_time: turns real into cloud epoch seconds.

    """

    def __init__(
        self, clients: Clients, image: BuildImage, folder: Path, cloud_time: Callable[[float], float]
    ) -> None:
        self._clients = clients
        self._image = image
        self._folder = folder
        self._cloud_time = cloud_time
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def run(self, build: Build) -> None:
        """Run a build to its end; whatever goes wrong is in its phases."""
        folder = self._folder / build.stream.rpartition("/")[2]
        logs = self._clients.of("logs", "", "localcloud")
        log = BuildLog(logs, build.group, build.stream)
        try:
            self._run(build, folder, log)
        except _Failure as failure:
            log.write(f"[Container] {failure}")
        except Exception:
            _logger.exception("build %s broke", build.id)
            build.status = states.FAULT
        finally:
            if build.status == states.IN_PROGRESS:
                failed = any(phase["phaseStatus"] != states.SUCCEEDED for phase in build.phases)
                build.status = states.FAILED if failed else states.SUCCEEDED
            log.close()
            shutil.rmtree(folder, ignore_errors=True)
            build.ended, build.phase = self._cloud_time(time.time()), "COMPLETED"
            build.phases.append(
                {"phaseType": "COMPLETED", "phaseStatus": build.status, "startTime": build.ended}
            )
            build.over.set()

    def close(self) -> None:
        """End every build that runs."""
        with self._lock:
            processes = list(self._processes)
        for process in processes:
            _end(process)

    def _run(self, build: Build, folder: Path, log: BuildLog) -> None:
        source = folder / "src"
        for name in ("home", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        with self._phase(build, "DOWNLOAD_SOURCE"):
            sources = self._download(build, source)
            spec = _buildspec(build, source)
            surroundings = variables(build, spec, self._clients, folder, sources)
        self._execute(build, spec, folder, {**self._image.variables(), **surroundings}, log)
        if build.status != states.IN_PROGRESS or build.handover is None:
            return
        if any(each["phaseType"] in ("INSTALL", "PRE_BUILD") and "contexts" in each for each in build.phases):
            return
        with self._phase(build, "UPLOAD_ARTIFACTS"):
            self._upload(build, spec, source, build.handover.outputs)

    @contextlib.contextmanager
    def _phase(self, build: Build, name: str) -> Iterator[None]:
        build.phase, began, failure = name, time.time(), ""
        try:
            yield
        except (BuildspecError, ArtifactError, NotEmulated) as error:
            failure = str(error)
        except ClientError as error:
            failure = f"CLIENT_ERROR: {error}"
        self._record(build, name, began, time.time(), failure)
        if failure:
            raise _Failure(failure)

    def _record(self, build: Build, name: str, began: float, ended: float, failure: str) -> None:
        phase: dict[str, Any] = {
            "phaseType": name,
            "phaseStatus": states.FAILED if failure else states.SUCCEEDED,
            "startTime": self._cloud_time(began),
            "endTime": self._cloud_time(ended),
            "durationInSeconds": int(ended - began),
        }
        if failure:
            code, _, message = failure.partition(": ")
            phase["contexts"] = [{"statusCode": code, "message": message}]
        build.phases.append(phase)

    def _download(self, build: Build, source: Path) -> dict[str, Path]:
        sources = {"": source}
        source.mkdir(parents=True, exist_ok=True)
        if build.handover is not None:
            self._fetch(build, build.handover.primary, source)
            for artifact in build.handover.secondary:
                sources[artifact.name] = source.with_name(f"src-{artifact.name}")
                self._fetch(build, artifact, sources[artifact.name])
        elif build.project.members["source"]["type"] == "S3":
            bucket, _, key = build.project.members["source"]["location"].partition("/")
            self._fetch(build, Artifact(name="", bucket=bucket, key=key), source)
        return sources

    def _fetch(self, build: Build, artifact: Artifact, folder: Path) -> None:
        s3 = self._clients.of("s3", build.project.role_arn, "AWSCodeBuild")
        unpack(s3.get_object(Bucket=artifact.bucket, Key=artifact.key)["Body"].read(), folder)

    def _execute(
        self, build: Build, spec: Buildspec, folder: Path, env: Mapping[str, str], log: BuildLog
    ) -> None:
        text, told, exports = folder / "build.sh", folder / "progress", folder / "exports"
        text.write_text(script(spec, exports))
        told.touch()
        exports.touch()
        began = time.time()
        self._wait(build, self._begin([spec.shell, str(text), str(told)], folder / "src", env, log))
        results, complete = progress(told.read_text(), spec)
        for result in results:
            ended = result.ended if result.ended is not None else time.time()
            failure = result.failure
            if result.ended is None and build.status == states.IN_PROGRESS:
                failure = failure or "COMMAND_EXECUTION_ERROR: the shell ended before the phase did"
            self._record(build, result.name.upper(), result.began, ended, failure)
        if not results and build.status == states.IN_PROGRESS:
            self._record(
                build, "INSTALL", began, time.time(), "COMMAND_EXECUTION_ERROR: the shell did not start"
            )
        if complete:
            build.exported = exported(exports.read_bytes())

    def _begin(
        self, command: list[str], folder: Path, env: Mapping[str, str], log: BuildLog
    ) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(  # noqa: S603 - a rehearsal runs the commands of its pipeline, see the docs
            [sys.executable, "-I", str(_SUPERVISOR), *command],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=_copy, args=(process.stdout, log), daemon=True).start()
        with self._lock:
            self._processes.add(process)
        return process

    def _wait(self, build: Build, process: "subprocess.Popen[bytes]") -> None:
        """Wait for the shell; what takes too long, or is stopped, ends the build."""
        build.phase = "BUILD"
        deadline = time.monotonic() + min(LONGEST_SECONDS, build.project.minutes * 60.0)
        try:
            while process.poll() is None:
                if build.stopping.is_set():
                    build.status = states.STOPPED
                elif time.monotonic() > deadline:
                    build.status = states.TIMED_OUT
                else:
                    time.sleep(_POLL_SECONDS)
                    continue
                break
        finally:
            _end(process)
            with self._lock:
                self._processes.discard(process)

    def _upload(self, build: Build, spec: Buildspec, source: Path, outputs: tuple[Artifact, ...]) -> None:
        s3 = self._clients.of("s3", build.project.role_arn, "AWSCodeBuild")
        for artifact in outputs:
            output = spec.primary if len(outputs) == 1 and spec.primary else spec.secondary.get(artifact.name)
            if output is None:
                raise ArtifactError(f"CLIENT_ERROR: no definition for artifact {artifact.name} found")
            s3.put_object(Bucket=artifact.bucket, Key=artifact.key, Body=pack(output, source))


def _buildspec(build: Build, source: Path) -> Buildspec:
    """Return the buildspec: inline when it has several lines, else a file of the source."""
    given = build.project.members["source"].get("buildspec", "")
    if "\n" in given or given.lstrip().startswith("{"):
        return Buildspec.parse(given)
    path = source / (given or "buildspec.yml")
    if not path.is_file():
        raise BuildspecError(f"YAML_FILE_ERROR: stat {path.name}: no such file or directory")
    return Buildspec.parse(path.read_text())


def _copy(stream: Any, log: BuildLog) -> None:
    for line in stream:
        log.write(line.decode(errors="replace").rstrip("\n"))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Close the supervisor's input, at which it ends all that the build started, and reap it."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
