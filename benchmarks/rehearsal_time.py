"""How long a rehearsal takes once set-up is done, and how fast its rollback is.

    python -m benchmarks.rehearsal_time [--runs N]

Bars: at most 180 s on 2 cores; from the moment the endpoint accepts a change to weight 0 at most 3 s.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse and print a line a run; fail when a rehearsal fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rehearsal_time", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="rehearsals, one after another (default 1)")
    options = parser.parse_args(arguments)
    walls = []
    for _ in range(options.runs):
        wall, facts = rehearse()
        walls.append(wall)
        print(told(wall, facts), flush=True)
    if len(walls) > 1:
        print(f"median of {len(walls)}: {statistics.median(walls):.0f} s")
    return 0


def rehearse() -> tuple[float, dict[str, Any]]:
    """Run one rehearsal; return its wall seconds and what it wrote with --json."""
    with tempfile.TemporaryDirectory() as folder:
        facts = Path(folder) / "rehearsal.json"
        command = [sys.executable, "-m", "tidegate_cli", "rehearse", "--json", str(facts)]
        command += ["--report", str(Path(folder) / "rehearsal.html")]
        began = time.perf_counter()
        subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began, json.loads(facts.read_text())


def told(wall: float, facts: dict[str, Any]) -> str:
    """Return the figures of one rehearsal as a line."""
    stopped = next(one for one in facts["rollouts"] if one["outcome"] == "ROLLED_BACK")
    return (
        f"make rehearse, set up: {wall:.0f} s (bar 180 s), {facts['requests_per_second']:.0f} requests/s; "
        f"verdict to weight 0: {stopped['seconds_to_weight_zero']:.2f} s, of these refused "
        f"{stopped['seconds_refused']:.2f} s, after that {stopped['seconds_since_accepted']:.2f} s (bar 3 s)"
    )


if __name__ == "__main__":
    raise SystemExit(main())
