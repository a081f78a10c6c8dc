import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud.hosting import ContainerSpec, HostingEngine, Instance, LaunchFailed
from tests.localcloud.sagemaker.sagemaker_world import BROKEN, ECHO, archive

ENVIRONMENT = """
import json, os, resource
def model_fn(model_dir):
    return None
def predict_fn(data, model):
    limits = {name: resource.getrlimit(getattr(resource, name))[0] for name in ("RLIMIT_AS", "RLIMIT_CORE")}
    return {"environment": dict(os.environ), "group": os.getpgrp() == os.getpid(), **limits}
"""
STARTER = """
import sys, time
from pathlib import Path
from localcloud.hosting import ContainerSpec, HostingEngine
data = Path(sys.argv[1]).read_bytes()
engine = HostingEngine(Path(sys.argv[2]), lambda uri: data)
instances = engine.launch(ContainerSpec(image="i", model_data_url="s3://b/k"), count=2).result()
print(" ".join(str(instance.pid) for instance in instances), flush=True)
time.sleep(60)
"""
SPEC = ContainerSpec(image="image:1", model_data_url="s3://b/model.tar.gz", environment={"LEVEL": "high"})


class Objects(dict[str, bytes]):
    def read(self, uri: str) -> bytes:
        return self[uri]


@pytest.fixture
def objects() -> Objects:
    return Objects({SPEC.model_data_url: archive(ECHO)})


@pytest.fixture
def engine(tmp_path: Path, objects: Objects) -> Iterator[HostingEngine]:
    made = HostingEngine(tmp_path, objects.read, ping_seconds=10.0)
    yield made
    made.close()


def post(instance: Instance, body: bytes, content_type: str = "application/json") -> dict[str, object]:
    url = f"http://127.0.0.1:{instance.port}/invocations"
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type})
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, object] = json.load(response)
    return answer


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def exists(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and ") Z " not in state.read_text()


def test_a_model_process_sees_no_environment_but_its_own_and_has_limits(
    engine: HostingEngine, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    objects[SPEC.model_data_url] = archive(ENVIRONMENT)
    (instance,) = engine.launch(SPEC, count=1).result()
    seen = post(instance, b"1")
    environment = seen["environment"]
    assert isinstance(environment, dict)
    assert environment["LEVEL"] == "high"
    assert not [name for name in environment if name.startswith("AWS_")]
    assert environment["PATH"] == os.defpath
    assert (seen["group"], seen["RLIMIT_CORE"]) == (True, 0)
    assert seen["RLIMIT_AS"] == 4 * 1024**3


def test_instances_of_one_content_share_a_folder_and_close_ends_them_all(
    engine: HostingEngine, tmp_path: Path
) -> None:
    first, second = engine.launch(SPEC, count=2).result()
    assert post(first, b"1")["pid"] == first.pid != second.pid
    assert len(list((tmp_path / "models").iterdir())) == 1
    engine.close()
    engine.close()
    assert [exists(first.pid), exists(second.pid)] == [False, False]
    assert engine.running() == 0


def test_model_processes_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(archive(ECHO))
    command = [sys.executable, "-c", STARTER, str(tmp_path / "model"), str(tmp_path / "data")]
    root = str(Path(__file__).parents[3])
    parent = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": root}
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert [exists(pid) for pid in pids] == [True, True]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until(lambda: not any(map(exists, pids)))


def test_an_artifact_that_changes_under_its_address_is_served_by_later_instances(
    engine: HostingEngine, objects: Objects
) -> None:
    engine.launch(SPEC, count=1).result()
    objects[SPEC.model_data_url] = archive(ECHO.replace('"echo"', '"other"'))
    (instance,) = engine.launch(SPEC, count=1).result()
    assert post(instance, b"1")["model"] == "other"


def special(kind: bytes, *, target: str = "") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("code")
        member.type, member.linkname = kind, target
        tar.addfile(member)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (archive(BROKEN), "weights.bin is missing"),
        (archive("x = 1"), "must define model_fn"),
        (archive(ECHO, name="inference.py"), "no code/inference.py"),
        (archive(ECHO, name="../code/inference.py"), "cannot be extracted"),
        (special(tarfile.SYMTYPE, target="/etc"), "leads out of it"),
        (special(tarfile.LNKTYPE, target="../secret"), "leads out of it"),
        (special(tarfile.FIFOTYPE), "is a device"),
        (b"no archive", "cannot be extracted"),
        (None, "cannot be read"),
    ],
    # Archives hold the time, and a name with it would differ from one process to the next.
    ids=[
        "no weights",
        "no model_fn",
        "another script",
        "a member outside",
        "a link outside",
        "a hard link outside",
        "a pipe",
        "no archive",
        "no object",
    ],
)
def test_rejects_artifacts_that_cannot_serve_and_leaves_no_process(
    engine: HostingEngine, objects: Objects, tmp_path: Path, data: bytes | None, reason: str
) -> None:
    if data is None:
        del objects[SPEC.model_data_url]
    else:
        objects[SPEC.model_data_url] = data
    with pytest.raises(LaunchFailed, match=reason):
        engine.launch(SPEC, count=2).result()
    assert engine.running() == 0
    assert not list((tmp_path / "models").glob("extracting-*"))


def test_rejects_a_container_whose_ping_takes_too_long(tmp_path: Path) -> None:
    slow = archive(
        "import time\ndef model_fn(model_dir):\n    print('loading', flush=True)\n    time.sleep(60)\n"
    )
    engine = HostingEngine(tmp_path, lambda uri: slow, ping_seconds=6.0)
    try:
        with pytest.raises(LaunchFailed, match="did not pass the ping health check within 6 s\nloading"):
            engine.launch(SPEC, count=1).result()
        assert engine.running() == 0
    finally:
        engine.close()
