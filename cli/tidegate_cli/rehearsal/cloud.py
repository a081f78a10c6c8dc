"""The local cloud as a child process."""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.environment import RehearsalEnvironment, require_loopback
from tidegate_cli.rehearsal.logs import last_lines
from tidegate_cli.rehearsal.processes import Processes

_START_SECONDS: Final = 60.0
MAX_SECONDS: Final = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCloud:
    """A local cloud that answers.

    Attributes:
        endpoint_url: Its address, always loopback.
        epoch0: Real epoch seconds at which the cloud clock started.
        scale: Cloud seconds in a real second.
        process: The child.

    """

    endpoint_url: str
    epoch0: float
    scale: float
    process: "subprocess.Popen[str]"

    def cloud_time(self, real: float) -> float:
        """Return the cloud clock's epoch seconds at a real time in epoch seconds."""
        return self.epoch0 + (real - self.epoch0) * self.scale

    def real_time(self, cloud: float) -> float:
        """Return the real epoch seconds at a time of the cloud clock."""
        return self.epoch0 + (cloud - self.epoch0) / self.scale

    def now(self) -> float:
        """Return the cloud clock's epoch seconds now."""
        return self.cloud_time(time.time())


def open_cloud(
    processes: Processes, *, work: Path, python_path: tuple[Path, ...], port: int, time_scale: float
) -> LocalCloud:
    """Start the local cloud in a rehearsal's folder; what is started after it talks to it.

    Args:
        processes: Starts and ends children.
        work: The folder; the cloud's log is `localcloud.log` in it.
        python_path: Where children find Tidegate.
        port: Port of the cloud; 0 picks a free one.
        time_scale: Cloud seconds in a real second.

    Raises:
        CliError: it ended, said nothing in time, or listens on something that is not loopback.

    """
    log = work / "localcloud.log"
    cloud = start_cloud(processes, port=port, time_scale=time_scale, data=work / "cloud", log=log)
    environment = RehearsalEnvironment(work=work, python_path=python_path, endpoint_url=cloud.endpoint_url)
    processes.environment = environment.build(os.environ)
    return cloud


def start_cloud(processes: Processes, *, port: int, time_scale: float, data: Path, log: Path) -> LocalCloud:
    """Start the local cloud, which enforces IAM policies as AWS does, and wait until it answers.

    Raises:
        CliError: it ended, said nothing in time, or listens on something that is not loopback.

    """
    command = [sys.executable, "-m", "localcloud", "--port", str(port), "--time-scale", str(time_scale)]
    command += ["--data-dir", str(data), "--max-seconds", str(MAX_SECONDS), "--stop-on-stdin-close"]
    command.append("--enforce-iam")
    child = processes.start(command, log=log)
    ready = _first_line(child, log)
    _drain(child)
    try:
        answer = json.loads(ready)
        return LocalCloud(
            endpoint_url=require_loopback(answer["endpoint_url"]),
            epoch0=float(answer["epoch0"]),
            scale=float(answer["scale"]),
            process=child,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CliError(f"the local cloud did not start: it said {ready.strip()!r}") from error


def _drain(child: "subprocess.Popen[str]") -> None:
    """Keep reading, or the cloud would block once the pipe is full."""
    if child.stdout is not None:
        threading.Thread(target=_read_all, args=(child.stdout,), daemon=True).start()


def _read_all(stream: IO[str]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for _ in stream:
            pass


def _first_line(child: "subprocess.Popen[str]", log: Path) -> str:
    if child.stdout is None:
        raise CliError("the local cloud has no output")
    ready, _, _ = select.select([child.stdout], [], [], _START_SECONDS)
    if not ready:
        raise CliError(f"the local cloud did not answer within {_START_SECONDS:.0f} s")
    line = child.stdout.readline()
    if line:
        return line
    child.wait(5)
    raise CliError(f"the local cloud ended at once: {last_lines(log, 1) or 'without a word'}")
