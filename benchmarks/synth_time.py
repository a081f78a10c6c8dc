"""How long synthesizing takes: the import, the example app, the same resources bare, and many services.

    python -m benchmarks.synth_time [--runs N] [--full] [--scratch FOLDER]

One run for each number of services; of everything else the minimum of the runs, after one more that warms
byte code and jsii's package cache: other work on the machine makes a figure larger, never smaller.

Bars: `import tidegate` adds at most 50 ms to `import aws_cdk`; the example app takes at most 1.3 s without
and 2.5 s with template validation, and at most 1.15 times an app of the same resources as plain L1s; a
further service costs the same from 10 services to 1,000 (`--full`).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.synth_time_bare import write_bare_app

_ROOT: Final = Path(__file__).parents[1]
_APP: Final = (str(_ROOT / "app.py"),)
_IMPORTS: Final = ("-c", "import aws_cdk, time; t = time.perf_counter(); {}; print(time.perf_counter() - t)")
_TIME_LIMIT_SECONDS: Final = 900.0

IMPORT_BAR_MS: Final = 50.0
BARS_SECONDS: Final = {"false": 1.3, "true": 2.5}
RATIO_BAR: Final = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process took.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of processor, Python and Node.js together.
        mib: Peak memory of the larger of the two.

    """

    wall: float
    cpu: float
    mib: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything and print it against the bars."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth_time", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="runs of each case (default 7)")
    parser.add_argument("--full", action="store_true", help="1,000 services too: minutes, and GiB of memory")
    parser.add_argument("--scratch", type=Path, help="where to synthesize to (default a temporary folder)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=options.scratch) as folder:
        report_import(options.runs)
        report_synth(Path(folder), options.runs)
        report_growth(Path(folder), [1, 10, 100, *([1000] if options.full else [])])
    return 0


def report_import(runs: int) -> None:
    """Print what importing the library adds, and what using all of it adds."""
    for label, statement, bar in (
        ("import tidegate", "import tidegate", f" (bar {IMPORT_BAR_MS:.0f} ms)"),
        ("all of its names and their CDK modules", "from tidegate import *", ""),
    ):
        command = [sys.executable, _IMPORTS[0], _IMPORTS[1].format(statement)]
        best = min(float(subprocess.check_output(command, env=_environment({}))) for _ in range(runs + 1))
        print(f"{f'{label}, after import aws_cdk':50}{best * 1000:7.1f} ms{bar}", flush=True)


def report_synth(folder: Path, runs: int) -> None:
    """Print the example app, with and without validation, against the same resources made bare."""
    example, bare, fed = folder / "example", folder / "bare.py", folder / "fed.py"
    run(_APP, {"CDK_VALIDATION": "false", "CDK_OUTDIR": str(example)})
    write_bare_app(_templates(example), bare)
    write_bare_app(_templates(example), fed, inputs=True)
    for validation, bar in BARS_SECONDS.items():
        cases = [
            (command, {"CDK_VALIDATION": validation, "CDK_OUTDIR": str(out)})
            for command, out in (
                (_APP, example),
                ((str(bare),), folder / "bare"),
                ((str(fed),), folder / "fed"),
            )
        ]
        app, floor, with_inputs = best_of(runs, cases)
        print(f"{f'example app, validation {validation}':50}{_told(app)}  (bar {bar} s)")
        ratio = f"{app.wall / floor.wall:.2f} times it (bar {RATIO_BAR})"
        print(f"{'  the same resources as plain L1s':50}{_told(floor)}  {ratio}")
        ratio = f"{with_inputs.wall / floor.wall:.2f} times those"
        print(f"{'  and service files read, functions packed':50}{_told(with_inputs)}  {ratio}", flush=True)


def report_growth(folder: Path, counts: Sequence[int]) -> None:
    """Print one run for each number of services, without validation, and the cost of a further one."""
    before: tuple[int, Cost] | None = None
    for count in counts:
        cost = run(_APP, _many(folder, count), services=folder / f"{count}")
        further = "" if before is None else _further(before, (count, cost))
        label = f"{count:,} services"
        print(f"{label:50}{_told(cost)}  {cost.mib:.0f} MiB{further}", flush=True)
        before = (count, cost)


def best_of(runs: int, cases: Sequence[tuple[Sequence[str], Mapping[str, str]]]) -> list[Cost]:
    """Return the fastest run of each case; they take turns, so that other work meets all alike."""
    for case in cases:
        run(*case)
    rounds = [[run(*case) for case in cases] for _ in range(runs)]
    return [min(costs, key=lambda cost: cost.wall) for costs in zip(*rounds, strict=True)]


def run(command: Sequence[str], settings: Mapping[str, str], *, services: Path | None = None) -> Cost:
    """Run Python once with the context of cdk.json.

    Raises:
        SystemExit: it failed, or took longer than the limit.

    """
    context = json.loads((_ROOT / "cdk.json").read_text())["context"]
    if services is not None:
        context["services"] = str(services)
    environment = _environment({**settings, "CDK_CONTEXT_JSON": json.dumps(context)})
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    limit = threading.Timer(_TIME_LIMIT_SECONDS, process.kill)
    limit.start()
    # Popen has no wait that also tells the processor time and the memory.
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    limit.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode} after {wall:.0f} s")
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, mib=usage.ru_maxrss / 1024)


def _templates(folder: Path) -> dict[str, dict[str, Any]]:
    found = sorted(folder.glob("*.template.json"))
    return {path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in found}


def _many(folder: Path, count: int) -> dict[str, str]:
    """Write copies of the example's service file; return the settings of a synthesis of them."""
    services = folder / f"{count}"
    services.mkdir()
    text = (_ROOT / "services" / "digits.yaml").read_text()
    for index in range(count):
        name = f"service-{index:04}"
        (services / f"{name}.yaml").write_text(text.replace("service: digits", f"service: {name}"))
    shutil.copy(_ROOT / "services" / "environments.yaml", services)
    return {"CDK_VALIDATION": "false", "CDK_OUTDIR": str(folder / f"out-{count}")}


def _told(cost: Cost) -> str:
    return f"{cost.wall:7.2f} s, {cost.cpu:6.2f} s of processor"


def _further(before: tuple[int, Cost], now: tuple[int, Cost]) -> str:
    services = now[0] - before[0]
    wall = (now[1].wall - before[1].wall) / services
    return f"  {wall * 1000:.0f} ms and {(now[1].mib - before[1].mib) / services:.1f} MiB a further service"


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    # Without byte code, imports take six times as long: that is not what is measured here.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return {**kept, "PATH": path, **settings}


if __name__ == "__main__":
    raise SystemExit(main())
