"""Resolve the lock files anew from pyproject.toml (`make lock`).

The locks hold hashes for every supported Python and no download address, so that they say the same whichever
package index was in use.
"""

import subprocess
import sys

COMMON = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-emit-index-url", "--no-header"]


def compile_lock(output: str, *sources: str) -> None:
    """Write one lock file with uv."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *COMMON, *sources, "-o", output]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    compile_lock("requirements.lock", "pyproject.toml", "--extra", "cli", "--group", "dev")
    compile_lock("requirements-node.lock", "--group", "node")
    compile_lock("requirements-scan.lock", "--group", "scan")
