"""What starting a function takes: `python -m benchmarks.handler_imports`.

Each handler's module is imported in an interpreter of its own, out of the archive that is deployed, with the
environment that the construct gives it; byte code is there, as Lambda's runtime has it for boto3. Of the runs
the minimum is taken: other work on the machine makes a figure larger, never smaller. Processor time, user and
system. A second column counts the functions' own source without byte code, which is how an archive is
deployed: Python compiles it at each cold start.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from tests.lambdas.test_handlers import ENVIRONMENT, FUNCTIONS
from tidegate._assets import archive

IMPORT_BAR_MS: Final = 260
ARCHIVE_BAR_BYTES: Final = 100_000
_MEASURED: Final = """
import time
began = time.process_time()
import {}
print(time.process_time() - began)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What one function's start takes: processor time with and without byte code in ms, bytes of the zip."""

    cached_ms: float
    compiled_ms: float
    archive_bytes: int


def measured(runs: int) -> dict[str, Start]:
    """Return the figures of every function."""
    with tempfile.TemporaryDirectory(prefix="imports-") as folder:
        return {name: _start(name, Path(folder) / name, runs) for name in FUNCTIONS}


def _start(name: str, root: Path, runs: int) -> Start:
    zipped = archive(name)
    with ZipFile(zipped) as opened:
        opened.extractall(root)
    module = f"{name}.handler"
    # The first writes the byte code of boto3 only, the next one that of the function as well.
    compiled = import_ms(module, root, runs, environment={"PYTHONDONTWRITEBYTECODE": "1"})
    cached = import_ms(module, root, runs, environment={})
    return Start(cached_ms=cached, compiled_ms=compiled, archive_bytes=zipped.stat().st_size)


def import_ms(module: str, root: Path, runs: int, *, environment: Mapping[str, str]) -> float:
    """Return the least processor time of importing a module, in milliseconds."""
    command = [sys.executable, "-c", _MEASURED.format(module)]
    whole = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), **ENVIRONMENT, **environment}
    times = [float(subprocess.check_output(command, env=whole)) for _ in range(runs + 1)]
    return 1000 * min(times[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all functions against both bars; fail when one is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handler_imports", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="runs of each import (default 9)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args(arguments)
    print(f"boto3 alone: {import_ms('boto3', Path(), options.runs, environment={}):.0f} ms")
    print(f"bars: {IMPORT_BAR_MS} ms with byte code, {ARCHIVE_BAR_BYTES / 1000:.0f} kB")
    starts = measured(options.runs)
    for name, start in starts.items():
        times = f"{start.cached_ms:5.0f} ms {start.compiled_ms:5.0f} ms without byte code"
        print(f"  {name:20} {times} {start.archive_bytes / 1000:6.1f} kB")
    if options.json:
        facts = {
            name: [start.cached_ms, start.compiled_ms, start.archive_bytes] for name, start in starts.items()
        }
        options.json.write_text(json.dumps(facts, indent=2) + "\n")
    over = [
        name
        for name, start in starts.items()
        if start.cached_ms > IMPORT_BAR_MS or start.archive_bytes > ARCHIVE_BAR_BYTES
    ]
    print(f"over a bar: {', '.join(over) or 'none'}")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
