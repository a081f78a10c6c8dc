"""The scanners' own environment: checkov pins an older botocore than the local cloud needs."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tools import bootstrap

ENVIRONMENT: Final = bootstrap.ROOT / ".venv-scan"
PYTHON: Final = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin") / "python"
LOCK: Final = "requirements-scan.lock"


def ensure() -> None:
    """Make the environment, unless it was made with this very lock file.

    Raises:
        SetupError: when it cannot be made, in one line.

    """
    stamp = ENVIRONMENT / "tidegate-scan.stamp"
    bootstrap.step("scanners", stamp, bootstrap.fingerprint(LOCK), _make)


def _make() -> None:
    make = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    bootstrap.run("the scanners' virtual environment", make)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    bootstrap.run("the scanners", [*install, "--require-hashes", "-r", LOCK], bootstrap.clean_environment())


def run_offline(arguments: list[str], *, folder: Path) -> str:
    """Run a module or script of the scanners' environment without a network; return what it prints.

    Raises:
        RuntimeError: when it fails.

    """
    # Nothing listens there: a scanner that wants to phone home fails instead of telling what is scanned.
    nowhere = "http://127.0.0.1:9"
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
    }
    done = subprocess.run(
        [str(PYTHON), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments[:2])} failed: {done.stderr.strip()[-600:]}")
    return done.stdout
