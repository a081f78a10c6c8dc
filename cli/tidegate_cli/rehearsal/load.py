"""The traffic client as a child process."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.logs import last_lines
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.records import Record, RecordFile

_FIRST_ANSWERS_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 70.0


@dataclass(slots=True, kw_only=True)
class Load:
    """Live traffic.

    Attributes:
        process: The client.
        file: Its records.
        log: Its complaints.
        records: Everything read so far.

    """

    process: "subprocess.Popen[str]"
    file: RecordFile
    log: Path
    records: list[Record] = field(default_factory=list)

    def read(self) -> list[Record]:
        """Return all records up to now."""
        self.records += self.file.new()
        return self.records

    def stop(self) -> tuple[int, float]:
        """Ask the client to end; return how many requests it sent, and its requests a second.

        Raises:
            CliError: it had ended before, or does not end.

        """
        if self.process.poll() is not None:
            raise CliError(f"the traffic client ended early: {last_lines(self.log, 1)}")
        try:
            output, _ = self.process.communicate(timeout=_STOP_SECONDS)
            summary: dict[str, Any] = json.loads(output)
        except (subprocess.TimeoutExpired, ValueError) as error:
            raise CliError(f"the traffic client did not end well: {last_lines(self.log, 1)}") from error
        self.read()
        return int(summary["sent"]), float(summary["rate"])


def start_load(
    processes: Processes, *, work: Path, endpoint_url: str, endpoint: str, rows: Path, rate: float
) -> Load:
    """Start the client and wait for its first answers.

    Args:
        processes: Starts it.
        work: Folder for records and log.
        endpoint_url: The local cloud.
        endpoint: Name of the endpoint.
        rows: What to send.
        rate: Requests a second.

    Raises:
        CliError: no answer within 30 s.

    """
    output, log = work / "traffic.tsv", work / "traffic.log"
    command = [sys.executable, "-m", "tidegate_cli.rehearsal.traffic", "--endpoint-url", endpoint_url]
    command += ["--endpoint", endpoint, "--rows", str(rows), "--output", str(output), "--rate", str(rate)]
    load = Load(process=processes.start(command, log=log), file=RecordFile(output), log=log)
    deadline = time.monotonic() + _FIRST_ANSWERS_SECONDS
    while not load.read():
        if load.process.poll() is not None or time.monotonic() > deadline:
            raise CliError(f"the traffic client got no answer: {last_lines(log, 1)}")
        time.sleep(0.1)
    return load
