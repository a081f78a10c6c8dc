"""No process outlives a rehearsal."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tidegate_cli.failures import CliError, Interrupted
from tidegate_cli.rehearsal.process_tree import descendants
from tidegate_cli.rehearsal.processes import Processes, signals_ignored, signals_interrupt

STUBBORN = (
    "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True);"
    "time.sleep(600)"
)
GRANDCHILD_IN_OWN_SESSION = (
    "import subprocess,sys,time;"
    "p=subprocess.Popen([sys.executable,'-c','import time;time.sleep(600)'],start_new_session=True);"
    "print(p.pid,flush=True);time.sleep(600)"
)


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_a_child_that_ignores_signals_is_ended(tmp_path: Path) -> None:
    with Processes(environment=os.environ, cwd=tmp_path) as processes:
        child = processes.start([sys.executable, "-c", STUBBORN], log=tmp_path / "log")
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        processes.end(child, grace_seconds=0.1)
    assert child.returncode == -signal.SIGKILL


def test_a_grandchild_in_a_session_of_its_own_is_ended(tmp_path: Path) -> None:
    with Processes(environment=os.environ, cwd=tmp_path) as processes:
        child = processes.start([sys.executable, "-c", GRANDCHILD_IN_OWN_SESSION], log=tmp_path / "log")
        assert child.stdout is not None
        grandchild = int(child.stdout.readline())
        assert _lives(grandchild)
        child.kill()
        child.wait()
    assert not _lives(grandchild)


def test_an_exception_ends_the_children_and_passes_on(tmp_path: Path) -> None:
    children = []

    def fail() -> None:
        with Processes(environment=os.environ, cwd=tmp_path) as processes:
            code = "import sys; sys.stdin.read()"
            children.append(processes.start([sys.executable, "-c", code], log=tmp_path / "log"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert children[0].returncode == 0


def test_processes_that_were_there_before_are_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        with Processes(environment=os.environ, cwd=tmp_path):
            assert other.pid in descendants()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_run_returns_the_exit_status_and_logs_the_output(tmp_path: Path) -> None:
    with Processes(environment=os.environ, cwd=tmp_path) as processes:
        code = "import sys; print('told'); sys.exit(3)"
        status = processes.run([sys.executable, "-c", code], log=tmp_path / "log", timeout_seconds=20)
    assert status == 3
    assert (tmp_path / "log").read_text() == "told\n"


def test_rejects_a_run_that_takes_too_long(tmp_path: Path) -> None:
    with (
        Processes(environment=os.environ, cwd=tmp_path) as processes,
        pytest.raises(CliError, match="took longer than"),
    ):
        processes.run([sys.executable, "-c", STUBBORN], log=tmp_path / "log", timeout_seconds=0.3)
    assert not descendants() & set(_pids_of("signal.SIG_IGN"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_interrupts_and_says_which_it_was(number: signal.Signals) -> None:
    def wait() -> None:
        with signals_interrupt():
            os.kill(os.getpid(), number)
            time.sleep(5)

    with pytest.raises(Interrupted) as caught:
        wait()
    assert caught.value.signal_number == number


def test_nothing_interrupts_the_clean_up() -> None:
    before = signal.getsignal(signal.SIGINT)
    with signals_interrupt(), signals_ignored():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def _pids_of(text: str) -> list[int]:
    found = []
    for process in descendants():
        try:
            if text in Path(f"/proc/{process}/cmdline").read_text():
                found.append(process)
        except OSError:
            continue
    return found
