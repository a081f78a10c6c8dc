"""The decision core under random schedules of faults: `python -m benchmarks.schedules`.

Every schedule is drawn from the seed and its number, runs all handlers against the services in memory with a
virtual clock, and checks the promises of docs/assurance.md after each action and at the end. A schedule that
breaks one is made smaller and printed. `--first` goes on where a run was stopped.
"""

import argparse
import functools
import json
import logging
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.lambdas.fakes.schedules import broken_promise, drawn, shrunk, told
from tidegate_runtime.judge import bounds

_REMEMBERED: Final = 200_000
BLOCK: Final = 100
"""Schedules that one process runs before it reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A broken promise: the schedule's number, what was broken, and the smallest schedule that does it."""

    number: int
    promise: str
    schedule: str


def run_block(seed: int, first: int, last: int) -> list[Violation]:
    """Run the schedules from `first` up to `last`, which is not run; return what they broke."""
    found = ((number, broken_promise(drawn(f"{seed}/{number}"))) for number in range(first, last))
    return [_violation(seed, number, promise) for number, promise in found if promise]


def _quicken() -> None:
    """Log nothing, and compute no bound and no value of the judge's special function twice."""
    logging.disable(logging.CRITICAL)
    known = vars(bounds)
    for name in ("log_incomplete_beta", "_root"):
        known[name] = functools.lru_cache(_REMEMBERED)(known[name])


def _violation(seed: int, number: int, promise: str) -> Violation:
    small = shrunk(drawn(f"{seed}/{number}"))
    return Violation(number=number, promise=promise, schedule=told(small))


def _run(arguments: tuple[int, int, int]) -> tuple[int, list[Violation]]:
    return arguments[2] - arguments[1], run_block(*arguments)


def blocks(seed: int, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield the parts that are run at a time."""
    for begin in range(first, last, BLOCK):
        yield seed, begin, min(begin + BLOCK, last)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the schedules; fail when a promise is broken."""
    options = _options(arguments)
    began, done, violations = time.perf_counter(), 0, list[Violation]()
    work = blocks(options.seed, options.first, options.schedules)
    with multiprocessing.Pool(options.processes, initializer=_quicken) as pool:
        for count, found in pool.imap(_run, work):
            done += count
            violations += found
            for violation in found:
                print(
                    f"\nschedule {options.seed}/{violation.number}: {violation.promise}\n{violation.schedule}"
                )
            rate, next_one = done / (time.perf_counter() - began), options.first + done
            progress = f"{next_one:,} of {options.schedules:,}, {rate:.0f} a second, {len(violations)} broken"
            print(f"\r{progress}; go on with --first {next_one}", end="", flush=True)
    print(f"\n{done:,} schedules with seed {options.seed}: {len(violations)} broken promises")
    facts = {"seed": options.seed, "first": options.first, "schedules": done, "broken": len(violations)}
    if options.json:
        options.json.write_text(
            json.dumps({**facts, "schedules_per_second": round(rate, 1)}, indent=2) + "\n"
        )
    return 1 if violations else 0


def _options(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.schedules", description=__doc__)
    parser.add_argument(
        "--schedules", type=int, default=100_000, help="number of the last one (default 100000)"
    )
    parser.add_argument("--first", type=int, default=0, help="number of the first one (default 0)")
    parser.add_argument("--seed", type=int, default=20_261, help="another seed, other schedules")
    parser.add_argument("--processes", type=int, default=2, help="processes at once (default 2)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
