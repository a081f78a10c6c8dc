"""The build image: what a build finds on its PATH.

It is this machine with the tools of this checkout first: the pinned CDK CLI, `cdk-assets`, Python with its
packages. `npm install -g` and `pip install` answer for what the image has, and refuse everything else, so
that no build fetches code from the network.
"""

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_TOOLS: Final = {"aws-cdk": "cdk", "cdk-assets": "cdk-assets"}
_ROOTS: Final = ("constructs", "lambdas", "cli", "")
# The newest published cdk-assets refuses manifests of schema 55, in which assets look as they did in 54.
_OLDER_SCHEMA: Final = """\
for file in "$@"; do
  case "$file" in *.assets.json) sed -i 's/"version": *"55\\.[0-9.]*"/"version": "54.0.0"/' "$file" ;; esac
done
"""


class BuildImage:
    """A folder of programs that goes first on the PATH of every build.

    Args:
        folder: where to write them; it is made.
        root: the checkout whose tools are used.

    """

    def __init__(self, folder: Path, root: Path = _ROOT) -> None:
        self._root = root
        self._bin = folder
        self._node = self._find_node()
        folder.mkdir(parents=True, exist_ok=True)
        versions = {name: self._version(name) for name in _TOOLS}
        for name, program in _TOOLS.items():
            self._write(program, self._tool(name, program))
        self._write("npm", _npm({name: each for name, each in versions.items() if each}))
        self._write("pip", _pip())

    def variables(self) -> dict[str, str]:
        """Return PATH and what belongs to the tools."""
        interpreter = str(Path(sys.executable).parent)
        path = [
            str(self._bin),
            interpreter,
            str(Path(self._node).parent),
            "/usr/local/bin",
            "/usr/bin",
            "/bin",
        ]
        return {
            "PATH": os.pathsep.join(dict.fromkeys(path)),
            "PYTHONPATH": os.pathsep.join(str(self._root / name) for name in _ROOTS),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(_jsii_cache()),
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # The tools are bundles of some megabytes: compiling them takes longer than what they do.
            "NODE_COMPILE_CACHE": str(self._bin.parent / "node-cache"),
        }

    def _find_node(self) -> str:
        beside = Path(sys.executable).parent / "node"
        return str(beside) if beside.exists() else shutil.which("node") or "node"

    def _version(self, package: str) -> str:
        manifest = self._root / "node_modules" / package / "package.json"
        return str(json.loads(manifest.read_text())["version"]) if manifest.is_file() else ""

    def _tool(self, package: str, program: str) -> str:
        script = self._root / "node_modules" / package / "bin" / program
        before = _OLDER_SCHEMA if package == "cdk-assets" else ""
        return f'{before}exec {shlex.quote(self._node)} --no-warnings {shlex.quote(str(script))} "$@"\n'

    def _write(self, name: str, text: str) -> None:
        target = self._bin / name
        target.write_text(f"#!/bin/sh\n{text}")
        target.chmod(0o755)


def _npm(versions: dict[str, str]) -> str:
    """Return an npm that has installed some packages globally and installs nothing else."""
    has = ", ".join(f"{name}@{version}" for name, version in versions.items())
    accepted = [f"{name}@{version}" for name, version in versions.items()]
    if "cdk-assets" in versions:
        accepted += ["cdk-assets@latest", "cdk-assets"]
    return f"""\
case "$1 $2" in
  "install -g"|"i -g") ;;
  *) echo "npm $*: the build image only knows npm install -g; it has {has}" >&2; exit 1 ;;
esac
shift 2
for package in "$@"; do
  case "$package" in
    {"|".join(accepted) or "-"}) echo "$package: the build image has it" ;;
    *) echo "npm: $package is not in the build image, which has {has}" >&2; exit 1 ;;
  esac
done
"""


def _pip() -> str:
    """Return a pip that finds nothing but what is installed already."""
    python = shlex.quote(sys.executable)
    return f"""\
if [ "$1" = install ]; then
  shift
  exec {python} -m pip install --no-index --no-build-isolation --disable-pip-version-check "$@"
fi
exec {python} -m pip "$@"
"""


def _jsii_cache() -> Path:
    """Return where jsii unpacks its packages; unpacking takes seconds, so builds share this user's folder."""
    kept = os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
    return Path(kept) if kept else Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
