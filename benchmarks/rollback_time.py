"""How fast traffic is taken back, by each way into a rollback, on the local cloud.

    python -m benchmarks.rollback_time

Runs the proofs in `tests/e2e` that lead to weight 0, and prints what the ledger says of each, in real
seconds.
Bar: from the moment the endpoint accepts a change to weight 0 at most 3 s.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

_ROOT: Final = Path(__file__).parents[1]
_PROOFS: Final = ("tests/e2e/test_ways_back.py", "tests/e2e/test_faults.py")
_FIGURES: Final = ("seconds_since_request", "seconds_refused", "seconds_since_accepted")


def main(_arguments: Sequence[str] | None = None) -> int:
    """Run the proofs and print a line a rollback; fail when a proof fails."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "proofs.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *_PROOFS]
        status = subprocess.run(command, cwd=_ROOT, check=False, stdout=subprocess.DEVNULL).returncode
        for line in told(report.read_text()):
            print(line, flush=True)
    return status


def told(report: str) -> list[str]:
    """Return a line for each proof that noted how fast its rollback was.

    Args:
        report: pytest's report in JUnit's XML.

    """
    lines = []
    for case in ElementTree.fromstring(report).iter("testcase"):
        noted = {one.get("name"): one.get("value", "") for one in case.iter("property")}
        if "source" in noted:
            request, refused, accepted = (float(noted[name]) for name in _FIGURES)
            lines.append(
                f"{noted['source']:<10} request to weight 0: {request:.2f} s, refused {refused:.2f} s of it, "
                f"after acceptance {accepted:.2f} s (bar 3 s)   {case.get('name')}"
            )
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
