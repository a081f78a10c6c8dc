"""A build runs its buildspec's commands in one shell, in a stripped environment, and packs what it names."""

import io
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from localcloud.artifact import Artifact, file_of, zipped
from localcloud.clock import CloudClock
from localcloud.codebuild import CodeBuild, Handover
from localcloud.codebuild.build import Build
from localcloud.errors import AwsError
from tests.localcloud.codepipeline.action_world import FakeClients, FakeS3

ROLE = "arn:aws:iam::000000000000:role/build"


class FakeLogs:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def create_log_group(self, **_params: Any) -> None: ...

    def create_log_stream(self, **_params: Any) -> None: ...

    def put_log_events(self, *, logEvents: list[dict[str, Any]], **_params: Any) -> None:
        self.lines += [event["message"] for event in logEvents]


class FakeParameters:
    def get_parameter(self, *, Name: str, WithDecryption: bool) -> dict[str, Any]:
        assert WithDecryption
        return {"Parameter": {"Value": f"value of {Name}"}}


class Workshop:
    """CodeBuild with fakes around it, and one project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.s3, self.logs = FakeS3(), FakeLogs()
        clients = FakeClients(s3=self.s3, logs=self.logs, ssm=FakeParameters())
        self.service = CodeBuild(CloudClock(60.0), clients, folder)  # type: ignore[arg-type]

    def project(self, buildspec: Any, **more: Any) -> None:
        text = buildspec if isinstance(buildspec, str) else json.dumps(buildspec)
        self.service.call(
            "CreateProject",
            {
                "name": "synth",
                "serviceRole": ROLE,
                "source": {"type": "CODEPIPELINE", "buildspec": text},
                "artifacts": {"type": "CODEPIPELINE"},
                "environment": {
                    "type": "LINUX_CONTAINER",
                    "image": "aws/codebuild/standard:7.0",
                    "computeType": "BUILD_GENERAL1_SMALL",
                    "environmentVariables": [{"name": "STAGE", "value": "dev"}],
                },
                **more,
            },
        )

    def run(
        self,
        buildspec: Any,
        *,
        files: dict[str, bytes] | None = None,
        outputs: tuple[str, ...] = (),
        overrides: list[dict[str, Any]] | None = None,
        **more: Any,
    ) -> Build:
        self.project(buildspec, **more)
        build = self.begin(files or {"readme": b"hello"}, outputs, overrides)
        assert build.over.wait(30)
        return build

    def begin(
        self,
        files: dict[str, bytes],
        outputs: tuple[str, ...] = (),
        overrides: list[dict[str, Any]] | None = None,
    ) -> Build:
        self.s3.put_object(Bucket="artifacts", Key="in", Body=zipped(files))
        self.s3.put_object(Bucket="artifacts", Key="more", Body=zipped({"data.txt": b"1,2"}))
        handover = Handover(
            primary=Artifact(name="code", bucket="artifacts", key="in", revision="v7"),
            secondary=(Artifact(name="extra-data", bucket="artifacts", key="more"),),
            outputs=tuple(Artifact(name=name, bucket="artifacts", key=f"out/{name}") for name in outputs),
            initiator="codepipeline/code",
        )
        return self.service.start("synth", overrides or [], handover=handover)

    def output(self, name: str, path: str) -> bytes | None:
        return file_of(self.s3.versions["artifacts", f"out/{name}"][0], path)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def spec(*commands: str, **more: Any) -> dict[str, Any]:
    return {"version": "0.2", "phases": {"build": {"commands": list(commands)}}, **more}


def phases(build: Build) -> dict[str, str]:
    return {phase["phaseType"]: phase["phaseStatus"] for phase in build.phases}


def test_all_commands_share_one_shell_and_the_artifact_holds_what_they_made(workshop: Workshop) -> None:
    build = workshop.run(
        spec(
            "mkdir -p out/deep && cd out",
            "GREETING=$(cat ../readme)",
            'echo "$GREETING $STAGE" > deep/told.txt',
            artifacts={"base-directory": "out", "files": "**/*"},
        ),
        outputs=("synth",),
    )
    assert build.status == "SUCCEEDED", build.told()
    assert workshop.output("synth", "deep/told.txt") == b"hello dev\n"
    assert phases(build)["UPLOAD_ARTIFACTS"] == "SUCCEEDED"
    assert "[Container] Running command mkdir -p out/deep && cd out" in workshop.logs.lines


def test_nothing_of_the_host_reaches_a_build_but_what_aws_documents(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_SECRET", "s3cret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    build = workshop.run(
        spec("env > all.txt", artifacts={"files": ["all.txt"]}),
        outputs=("synth",),
        overrides=[
            {"name": "STAGE", "value": "prod"},
            {"name": "LEVEL", "value": "/level", "type": "PARAMETER_STORE"},
        ],
    )
    told = (workshop.output("synth", "all.txt") or b"").decode().splitlines()
    found = dict(line.split("=", 1) for line in told if "=" in line)
    assert {"HOST_SECRET", "HTTPS_PROXY"}.isdisjoint(found)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert found["AWS_ACCESS_KEY_ID"] == f"key of {ROLE}"
    assert found["AWS_REGION"] == "us-east-1"
    assert found["STAGE"] == "prod"
    assert found["LEVEL"] == "value of /level"
    assert found["CODEBUILD_BUILD_ID"] == build.id
    assert found["CODEBUILD_INITIATOR"] == "codepipeline/code"
    assert found["CODEBUILD_RESOLVED_SOURCE_VERSION"] == "v7"
    assert (Path(found["CODEBUILD_SRC_DIR_extra_data"]).name, found["CODEBUILD_BUILD_SUCCEEDING"]) == (
        "src-extra-data",
        "1",
    )
    assert found["HOME"].startswith(str(workshop.folder))
    assert os.environ["HOME"] != found["HOME"]


def test_a_failed_command_ends_its_phase_and_post_build_still_runs(workshop: Workshop) -> None:
    build = workshop.run(
        {
            "version": "0.2",
            "phases": {
                "build": {
                    "commands": ["echo first", "exit_with() { return $1; }; exit_with 3", "echo never"],
                    "finally": ["echo at last"],
                },
                "post_build": {"commands": ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"']},
            },
        }
    )
    assert build.status == "FAILED"
    assert build.told().endswith("Reason: exit status 3")
    assert {"at last", "succeeding: 0"} <= set(workshop.logs.lines)
    assert "never" not in workshop.logs.lines
    assert phases(build)["POST_BUILD"] == "SUCCEEDED"


def test_a_failed_install_ends_the_build(workshop: Workshop) -> None:
    build = workshop.run(
        {
            "version": "0.2",
            "phases": {"install": {"commands": "false"}, "build": {"commands": ["echo never"]}},
        },
        outputs=("synth",),
    )
    assert build.status == "FAILED"
    assert set(phases(build)) == {"DOWNLOAD_SOURCE", "INSTALL", "COMPLETED"}


def test_exported_variables_are_told(workshop: Workshop) -> None:
    build = workshop.run(
        spec(
            "export VERSION=1.2.3",
            'NOTES="two\nlines"',
            env={"exported-variables": ["VERSION", "NOTES"], "variables": {"PLAIN": "x"}},
        )
    )
    assert build.exported == {"VERSION": "1.2.3", "NOTES": "two\nlines"}
    [found] = workshop.service.call("BatchGetBuilds", {"ids": [build.id]})["builds"]
    assert found["exportedEnvironmentVariables"][0] == {"name": "VERSION", "value": "1.2.3"}


def test_several_outputs_are_secondary_artifacts(workshop: Workshop) -> None:
    build = workshop.run(
        spec(
            "echo a > a.txt; echo b > b.txt",
            artifacts={
                "secondary-artifacts": {
                    "one": {"files": ["a.txt"]},
                    "two": {"files": ["*.txt"], "exclude-paths": ["a.txt"]},
                }
            },
        ),
        outputs=("one", "two"),
    )
    assert build.status == "SUCCEEDED", build.told()
    assert workshop.output("one", "a.txt") == b"a\n"
    assert workshop.output("two", "a.txt") is None


def test_an_artifact_that_matches_nothing_fails_the_upload(workshop: Workshop) -> None:
    build = workshop.run(spec("true", artifacts={"files": ["*.none"]}), outputs=("synth",))
    assert build.told() == "UPLOAD_ARTIFACTS: CLIENT_ERROR: no matching artifact paths found: *.none"


def test_the_buildspec_may_be_a_file_of_the_source_and_files_keep_their_permissions(
    workshop: Workshop,
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        script = zipfile.ZipInfo("run.sh")
        script.external_attr = 0o755 << 16
        archive.writestr(script, "#!/bin/sh\necho it runs\n")
        archive.writestr("ci/spec.yml", "version: 0.2\nphases:\n  build:\n    commands: [./run.sh]\n")
    workshop.project("ci/spec.yml")
    workshop.s3.put_object(Bucket="artifacts", Key="in", Body=target.getvalue())
    handover = Handover(
        primary=Artifact(name="code", bucket="artifacts", key="in"), secondary=(), outputs=(), initiator="x"
    )
    build = workshop.service.start("synth", [], handover=handover)
    assert build.over.wait(30)
    assert build.status == "SUCCEEDED", build.told()
    assert "it runs" in workshop.logs.lines


def test_a_build_that_is_stopped_leaves_no_process(workshop: Workshop) -> None:
    workshop.project(spec("echo $$ > ../pid; sleep 60 & wait"))
    build = workshop.begin({"a": b""})
    pids = workshop.folder / "builds" / build.stream / "pid"
    deadline = time.monotonic() + 10
    while not (pids.exists() and pids.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.02)
    group = int(pids.read_text())
    workshop.service.call("StopBuild", {"id": build.id})
    assert build.over.wait(10)
    assert build.status == "STOPPED"
    with pytest.raises(ProcessLookupError):
        os.killpg(os.getpgid(group), 0)
    assert not pids.parent.exists()


@pytest.mark.parametrize(
    ("buildspec", "words"),
    [
        ("version: 0.2\nphases: {build: {commands: [true]}}\nreports: {r: {}}\n", "buildspec reports"),
        ("version: 0.1\nphases: {}\n", "buildspec version 0.1"),
        ("version: 0.2\nphases: {deploy: {}}\n", "buildspec phases deploy"),
        (
            "version: 0.2\nphases:\n  install:\n    runtime-versions: {java: 21}\n",
            "runtime-versions java",
        ),
        ("version: 0.2\nproxy: {}\nphases: {}\n", "buildspec proxy"),
        ("version: 0.2\n", "no phases"),
        ("none.yml", "none.yml: no such file"),
    ],
)
def test_rejects_a_buildspec_that_it_cannot_run(workshop: Workshop, buildspec: str, words: str) -> None:
    build = workshop.run(buildspec)
    assert build.status == "FAILED"
    assert words in build.told()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"secondarySources": [{"type": "S3", "location": "a/b", "sourceIdentifier": "x"}]},
            "secondarySources",
        ),
        ({"environment": {"privilegedMode": True}}, "privilegedMode"),
        ({"environment": {"type": "WINDOWS_SERVER_2022_CONTAINER"}}, "environment type"),
        ({"artifacts": {"type": "NO_ARTIFACTS"}}, "both of type CODEPIPELINE"),
        ({"source": {"type": "NO_SOURCE"}, "artifacts": {"type": "NO_ARTIFACTS"}}, "requires a buildspec"),
    ],
)
def test_rejects_a_project_that_it_cannot_build(
    workshop: Workshop, change: dict[str, Any], words: str
) -> None:
    environment = {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        **change.pop("environment", {}),
    }
    with pytest.raises(AwsError, match=words):
        workshop.project(spec("true"), environment=environment, **change)


def test_rejects_builds_of_sources_that_are_not_here(workshop: Workshop) -> None:
    source = {"type": "GITHUB", "location": "https://github.com/owner/name.git", "buildspec": "a.yml"}
    workshop.project(spec("true"), source=source, artifacts={"type": "NO_ARTIFACTS"})
    with pytest.raises(AwsError, match="builds of GITHUB sources"):
        workshop.service.call("StartBuild", {"projectName": "synth"})
    with pytest.raises(AwsError) as refusal:
        workshop.service.call("StartBuild", {"projectName": "none"})
    assert refusal.value.code == "ResourceNotFoundException"


def test_a_project_can_be_built_by_hand_from_s3(workshop: Workshop) -> None:
    workshop.s3.put_object(Bucket="source", Key="pr.zip", Body=zipped({"a": b"1"}))
    workshop.project(
        spec("true"),
        source={"type": "S3", "location": "source/pr.zip", "buildspec": json.dumps(spec("cat a"))},
        artifacts={"type": "NO_ARTIFACTS"},
    )
    build_id = workshop.service.call("StartBuild", {"projectName": "synth"})["build"]["id"]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        [found] = workshop.service.call("BatchGetBuilds", {"ids": [build_id]})["builds"]
        if found["buildComplete"]:
            break
        time.sleep(0.05)
    assert found["buildStatus"] == "SUCCEEDED"
    assert workshop.service.call("ListBuildsForProject", {"projectName": "synth"}) == {"ids": [build_id]}


def test_a_project_changes_and_goes(workshop: Workshop) -> None:
    workshop.project(spec("true"))
    workshop.service.call("UpdateProject", {"name": "synth", "timeoutInMinutes": 10})
    [found] = workshop.service.call("BatchGetProjects", {"names": ["synth", "none"]})["projects"]
    assert found["timeoutInMinutes"] == 10
    with pytest.raises(AwsError) as refusal:
        workshop.project(spec("true"))
    assert refusal.value.code == "ResourceAlreadyExistsException"
    workshop.service.call("DeleteProject", {"name": "synth"})
    assert workshop.service.call("ListProjects", {}) == {"projects": []}


def test_the_image_has_the_pinned_tools_and_installs_no_others(workshop: Workshop) -> None:
    good = workshop.run(spec("npm install -g aws-cdk@2.1148.1 cdk-assets@latest", "cdk --version"))
    assert good.status == "SUCCEEDED", good.told()
    workshop.service.call("DeleteProject", {"name": "synth"})
    bad = workshop.run(spec("npm install -g aws-cdk@3.0.0"))
    assert bad.status == "FAILED"
    assert any("aws-cdk@3.0.0 is not in the build image" in line for line in workshop.logs.lines)


def test_pip_installs_nothing_that_is_not_there(workshop: Workshop) -> None:
    build = workshop.run(spec("pip install boto3", "pip install a-package-that-is-not-there"))
    assert build.status == "FAILED"
    assert "a-package-that-is-not-there" in build.told()
