"""What a rehearsal refuses before it starts anything: one line each, no traceback."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal import checkout
from tidegate_cli.rehearsal.checkout import Checkout, check_disk, check_port
from tidegate_cli.rehearsal.cloud import start_cloud
from tidegate_cli.rehearsal.logs import last_lines
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.running import full_disk_in_one_line

ROOT = Path(__file__).resolve().parents[3]


def _rehearse(
    *arguments: str, command: str = "rehearse", cli: Path = ROOT / "cli"
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tidegate_cli", command, *arguments],
        env={**os.environ, "PYTHONPATH": str(cli)},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_rejects_a_busy_port_in_one_line() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        done = _rehearse("--port", str(port))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {port} on 127.0.0.1 cannot be used" in done.stderr


def test_rejects_an_installed_package_without_a_checkout(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "cli" / "tidegate_cli", tmp_path / "lib" / "tidegate_cli")
    done = _rehearse(cli=tmp_path / "lib")
    assert done.returncode == 1
    assert done.stderr == (
        "tidegate: a rehearsal needs a checkout of Tidegate with its local cloud, not an installed package\n"
    )


def test_rejects_a_folder_to_keep_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    done = _rehearse("--keep", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "--keep needs an empty folder" in done.stderr
    assert (tmp_path / "precious").read_text() == "x"


def test_rejects_a_folder_to_keep_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    done = _rehearse("--keep", str(tmp_path / "precious"))
    assert done.returncode == 1
    assert done.stderr == f"tidegate: --keep: {tmp_path / 'precious'} cannot be a folder: File exists\n"


@pytest.mark.parametrize(
    ("command", "option"),
    [("rehearse", "--report"), ("rehearse", "--json"), ("rehearse-pipeline", "--report")],
)
def test_rejects_a_file_that_it_could_not_write_in_the_end(tmp_path: Path, command: str, option: str) -> None:
    (tmp_path / "file").write_text("x")
    done = _rehearse(option, str(tmp_path / "file" / "found"), command=command)
    assert done.returncode == 1
    assert done.stderr == f"tidegate: {option}: {tmp_path}/file/found cannot be written: File exists\n"
    done = _rehearse(option, str(tmp_path), command=command)
    assert done.stderr == f"tidegate: {option} needs a file, {tmp_path} is a folder\n"


def test_rejects_a_missing_service_file_in_one_line(tmp_path: Path) -> None:
    done = _rehearse("--service", str(tmp_path / "x.yaml"), "--report", str(tmp_path / "out" / "r.html"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no such file" in done.stderr


def test_rejects_a_disk_that_is_almost_full(tmp_path: Path) -> None:
    with pytest.raises(CliError, match=r"disk full: .* has 10 MB free, 524 MB are needed"):
        check_disk(tmp_path, free_bytes=10_000_000)


def test_rejects_a_set_up_without_node_modules(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="make setup"):
        checkout._node(tmp_path)


def test_rejects_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    with pytest.raises(CliError, match=r"Python 3\.11 or newer is needed"):
        Checkout.find()


def test_any_free_port_will_do() -> None:
    check_port(0)


def test_rejects_a_local_cloud_that_ends_at_once_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "localcloud"
    package.mkdir()
    (package / "__main__.py").write_text("import sys; sys.exit('error: it is broken')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with (
        Processes(environment=environment, cwd=tmp_path) as processes,
        pytest.raises(CliError, match="ended at once: error: it is broken"),
    ):
        start_cloud(processes, port=0, time_scale=60, data=tmp_path / "data", log=tmp_path / "log")


def test_rejects_a_local_cloud_that_listens_on_another_machine(tmp_path: Path) -> None:
    package = tmp_path / "localcloud"
    package.mkdir()
    line = '{"ready": true, "endpoint_url": "http://10.0.0.1:1", "epoch0": 1, "scale": 60}'
    (package / "__main__.py").write_text(f"import sys; print('{line}', flush=True); sys.stdin.read()\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with (
        Processes(environment=environment, cwd=tmp_path) as processes,
        pytest.raises(CliError, match="must be loopback"),
    ):
        start_cloud(processes, port=0, time_scale=60, data=tmp_path / "data", log=tmp_path / "log")


def test_a_full_disk_is_told_in_one_line() -> None:
    with pytest.raises(CliError, match="disk full: /x could not be written"), full_disk_in_one_line():
        raise OSError(errno.ENOSPC, "No space left on device", "/x")


def test_the_end_of_a_log_prefers_lines_that_tell_of_a_failure(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\x1b[31mError: access denied\x1b[0m\nfine\nbye\n")
    assert last_lines(log) == "Error: access denied"
    log.write_text("one\ntwo\n")
    assert last_lines(log, 1) == "two"
    assert last_lines(tmp_path / "nothing") == ""
