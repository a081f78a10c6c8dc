"""How long set-up takes from nothing: a fresh clone, no virtual environment, empty package caches.

    python -m benchmarks.setup_time [--warm-cache]

Bar: at most 180 s with an empty cache. The time depends on the registries as much as on this machine.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
BAR_SECONDS: Final = 180.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure once and print the seconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.setup_time", description=__doc__)
    parser.add_argument("--warm-cache", action="store_true", help="use the caches of this user instead")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "tidegate"
        subprocess.run(["git", "clone", "--quiet", str(_ROOT), str(clone)], check=True)
        caches = {} if options.warm_cache else _empty_caches(Path(folder))
        seconds = _set_up(clone, caches)
    cache = "as it is" if options.warm_cache else "empty"
    print(f"make setup, fresh clone, package caches {cache}: {seconds:.1f} s (bar {BAR_SECONDS:.0f} s)")
    return 0


def _empty_caches(folder: Path) -> dict[str, str]:
    return {"PIP_CACHE_DIR": str(folder / "pip"), "npm_config_cache": str(folder / "npm")}


def _set_up(clone: Path, caches: dict[str, str]) -> float:
    began = time.perf_counter()
    # The environment's own Node.js must not be found: a fresh machine has none.
    path = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if not p.startswith(str(_ROOT)))
    environment = {**os.environ, **caches, "PATH": path}
    subprocess.run(["make", "--silent", "setup"], cwd=clone, env=environment, check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
