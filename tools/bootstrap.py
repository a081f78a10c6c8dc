"""Set up everything that Tidegate's commands need, from python3, make and the package registries alone.

Run by `make setup`. Written for the oldest Python that may run it, so that an old one gets a sentence and
not a SyntaxError. Each step is skipped when its stamp says that it was done with these very lock files.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON_MIN, PYTHON_MAX = (3, 11), (3, 14)
NODE_SUPPORTED = (22, 24, 26)
FREE_BYTES_NEEDED = 3 * 1024**3
UNREACHABLE = re.compile(
    "NewConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|Temporary failure|ENOTFOUND"
    "|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|No matching distribution"
)


class SetupError(Exception):
    """A set-up step that cannot go on, told in one line."""


def check_python(version: Tuple[int, int]) -> None:
    """Refuse a Python that the pinned packages do not support; `version` is (major, minor)."""
    if not PYTHON_MIN <= tuple(version) <= PYTHON_MAX:
        raise SetupError(
            "Python 3.11 to 3.14 is needed, this is %d.%d: name another with `make PYTHON=python3.12 ...`"
            % tuple(version)
        )


def check_disk(free_bytes: int) -> None:
    """Refuse to start an installation that would fill the disk half-way."""
    if free_bytes < FREE_BYTES_NEEDED:
        raise SetupError(
            "set-up needs %.1f GB of free disk, %s has %.1f GB"
            % (FREE_BYTES_NEEDED / 1e9, ROOT, free_bytes / 1e9)
        )


def fingerprint(*names: str) -> str:
    """Digest of lock files and of the interpreter, the content of a step's stamp."""
    digest = hashlib.sha256(repr(sys.version_info[:3]).encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run(what: str, command: List[str], environment: Optional[Dict[str, str]] = None) -> None:
    """Run one step quietly; on failure say in one line what failed and why."""
    done = subprocess.run(
        command, cwd=str(ROOT), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        raise SetupError(explain(what, done.stdout))


def explain(what: str, output: str) -> str:
    """Return the one line that a person needs out of an installer's `output`."""
    if "No space left on device" in output or "ENOSPC" in output:
        return f"{what}: the disk is full"
    silent = UNREACHABLE.search(output)
    if silent:
        return f"{what}: the registry does not answer ({silent.group(0)}): check the network or the proxy"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(npm )?err", line, re.IGNORECASE)] or lines
    return f"{what}: {errors[-1] if errors else 'failed without a word'}"


def step(title: str, stamp: Path, wanted: str, action: Callable[[], None]) -> None:
    """Run `action` unless `stamp` already holds `wanted`; the stamp is written last."""
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"tidegate set-up: {title} ...", flush=True)
    action()
    stamp.write_text(wanted)


def make_environment() -> None:
    """Create the virtual environment and install the hash-locked packages into it."""
    if VENV.exists():
        shutil.rmtree(str(VENV))
    run("virtual environment (is Python's venv module installed?)", [base_python(), "-m", "venv", str(VENV)])
    pip_install("--require-hashes", "-r", "requirements.lock")
    # The checkout itself: `tidegate` becomes importable, and the command of that name appears.
    pip_install("--no-deps", "--no-build-isolation", "--editable", ".")


def base_python() -> str:
    """Return the Python that no virtual environment holds: an activated one may be what is made anew."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    folder = Path(sys.base_prefix) / ("" if os.name == "nt" else "bin")
    return str(folder / ("python.exe" if os.name == "nt" else "python%d.%d" % sys.version_info[:2]))


def pip_install(*what: str) -> None:
    """Install into the environment, byte-code files included."""
    command = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("Python packages", [*command, *what], clean_environment())


def clean_environment() -> Dict[str, str]:
    """Return the caller's environment with byte-code caching on: imports take six times as long without."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def system_node_is_supported() -> bool:
    """Whether the Node.js on PATH is one that the CDK CLI and jsii support."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.", version)
    return match is not None and int(match.group(1)) in NODE_SUPPORTED


def install_node_tools() -> None:
    """Install the pinned CDK CLI, and Node.js 24 into the environment if the system has no supported one."""
    if not system_node_is_supported():
        pip_install("--require-hashes", "-r", "requirements-node.lock")
    environment = dict(clean_environment(), PATH=os.pathsep.join([str(BIN), os.environ.get("PATH", "")]))
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    run("the CDK CLI", [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environment)


def main() -> int:
    """Run the steps in order; return the process's exit status."""
    try:
        check_python(sys.version_info[:2])
        wanted = fingerprint("requirements.lock")
        stamp = VENV / "tidegate-python.stamp"
        if not (stamp.exists() and stamp.read_text() == wanted):
            check_disk(shutil.disk_usage(str(ROOT)).free)
        step("Python packages", stamp, wanted, make_environment)
        node_wanted = fingerprint("requirements-node.lock", "package-lock.json")
        step("Node.js and the CDK CLI", VENV / "tidegate-node.stamp", node_wanted, install_node_tools)
    except SetupError as error:
        print(f"tidegate set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tidegate set-up: stopped; run it again to go on", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"tidegate set-up: {error.strerror or error} ({error.filename})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
