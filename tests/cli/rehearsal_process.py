"""A rehearsal as a user runs it, and what it leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(command: str, folder: Path) -> "subprocess.Popen[str]":
    """Start `tidegate <command>`, which keeps everything in the folder, and its report too."""
    roots = os.pathsep.join(str(ROOT / name) for name in ("constructs", "lambdas", "cli", ""))
    options = ["--keep", str(folder / "work"), "--report", str(folder / "report.html")]
    return subprocess.Popen(
        [sys.executable, "-m", "tidegate_cli", command, *options],
        env={**os.environ, "PYTHONPATH": roots, "AWS_PROFILE": "somebodys-production"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def left_behind(folder: Path) -> list[str]:
    """Return the command lines of living processes that work in the folder, or for it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            where = str((entry / "cwd").readlink())
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command or where.startswith(str(folder)) or str(folder) in environment:
            found.append(command)
    return found


def interrupted(rehearsal: "subprocess.Popen[str]", number: int, folder: Path) -> None:
    """Interrupt a rehearsal that runs, and check that it says so and leaves nothing behind."""
    rehearsal.send_signal(number)
    _, errors = rehearsal.communicate(timeout=60)
    assert rehearsal.returncode == 128 + number
    assert errors == "tidegate: interrupted; every process that the rehearsal started has ended\n"
    assert left_behind(folder) == []
