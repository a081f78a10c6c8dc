"""A thousand rollouts at once: `python -m benchmarks.load`.

All start in the same second, each on an endpoint of its own, in one account whose limits are those of
`benchmarks/load_limits.py`; time is virtual. Prints how they ended, what they asked of AWS, what one of them
costs, and the time that throttling adds. `--assume 2` doubles the limits that AWS does not publish;
`--rollouts 250 --share 0.25` meets the throttles of a thousand in a quarter of the time.
"""

import argparse
import heapq
import json
import logging
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.load_limits import LIMITS, Account
from benchmarks.load_prices import PRICES
from benchmarks.load_service import WATCHDOG_SECONDS, LoadService
from tests.lambdas.fakes.world import START, package
from tidegate_runtime.errors import Transient

BAR_DOLLARS: Final = 0.01
FUNCTIONS: Final = 8
_LONGEST_SECONDS: Final = 24 * 3600


@dataclass(slots=True)
class Outcome:
    """How a run of many rollouts went."""

    account: Account
    services: list[LoadService]
    wanted: list[str]
    seconds: list[float]

    @property
    def faults(self) -> Counter[str]:
        """How many rollouts ended wrong, ran twice, or were lost."""
        pairs = zip(self.services, self.wanted, strict=True)
        return Counter(fault for service, wanted in pairs if (fault := service.fault(wanted)))

    @property
    def dollars(self) -> float:
        """What one rollout cost on average, without cold starts."""
        return statistics.mean(service.use.total() for service in self.services)


def run(rollouts: int, *, limited: bool, factor: float = 1.0, share: float = 1.0) -> Outcome:
    """Run rollouts to their ends; every tenth version is bad, every twentieth does not start."""
    account = Account(limited=limited, factor=factor, share=share)
    services = [LoadService().prepare(account, seed=number) for number in range(rollouts)]
    wanted = [_spoil(service, number) for number, service in enumerate(services)]
    queue: list[tuple[float, int, str]] = []
    for number, service in enumerate(services):
        heapq.heappush(queue, (START, number, "approve"))
        heapq.heappush(queue, (START + service.random.uniform(0, WATCHDOG_SECONDS), number, "watch"))
    ended = [0.0] * rollouts
    while queue and queue[0][0] < START + _LONGEST_SECONDS:
        now, number, what = heapq.heappop(queue)
        following = _act(services[number], now, what)
        if following is not None:
            heapq.heappush(queue, (following, number, "watch" if what == "watch" else "wake"))
        elif not ended[number]:
            ended[number] = now - START
    return Outcome(account=account, services=services, wanted=wanted, seconds=ended)


def _spoil(service: LoadService, number: int) -> str:
    if number % 10 == 9:
        service.metrics.rates[package(2)] = 0.05
    elif number % 20 == 8:
        service.endpoint.broken = {package(2)}
    else:
        return "PROMOTED"
    return "ROLLED_BACK"


def _act(service: LoadService, now: float, what: str) -> float | None:
    if what == "watch":
        service.watch(now)
        open_runs = not service.outcomes() or "RUNNING" in service.outcomes().values()
        return now + WATCHDOG_SECONDS if open_runs or service.running else None
    if what == "approve":
        service.world.time = service.account.now = now
        try:
            service.approve(2)
        except Transient:
            return now + service.random.uniform(1, 60)
    return service.wake(now)


def told(limited: Outcome, free: Outcome) -> dict[str, Any]:
    """Print the figures and return them."""
    ends = Counter(status for one in limited.services for status in one.outcomes().values())
    faults, number = limited.faults, len(limited.services)
    print(f"{number:,} rollouts at once: {dict(ends)}")
    print(f"wrong {faults['wrong']}, twice {faults['twice']}, lost {faults['lost']}")
    for api, calls in limited.account.calls.most_common():
        limit = LIMITS.get(api)
        source = f"limit {limit.per_second:g}/s, {limit.source}" if limit else "no limit of the account"
        each = f"{calls:10,} calls, {calls / number:6.1f} a rollout,"
        print(f"  {api:46} {each} {limited.account.throttled[api]:8,} throttled; {source}")
    print(f"{100 * limited.dollars:.2f} US cents a rollout, {100 * free.dollars:.2f} without limits")
    good = [place for place, wanted in enumerate(limited.wanted) if wanted == "PROMOTED"]
    medians = [statistics.median(one.seconds[place] for place in good) for one in (limited, free)]
    longest = [max(one.seconds[place] for place in good) for one in (limited, free)]
    print(f"median {medians[0]:,.0f} s, without limits {medians[1]:,.0f} s; longest {longest[0]:,.0f} s and")
    print(f"{longest[1]:,.0f} s: throttling adds {medians[0] - medians[1]:,.0f} s in the median")
    return {
        "rollouts": len(limited.services),
        "ends": dict(ends),
        "faults": dict(faults),
        "faults_without_limits": dict(free.faults),
        "dollars_a_rollout": [limited.dollars, free.dollars],
        "calls": dict(limited.account.calls),
        "throttled": dict(limited.account.throttled),
        "median_seconds": medians,
        "longest_seconds": longest,
    }


def cost() -> dict[str, Any]:
    """Print what one rollout costs that nobody throttles, and return it."""
    service = run(1, limited=False).services[0]
    service.use.cold_starts(FUNCTIONS)
    service.use.amounts["trace"] += 1
    costs, total = service.use.costs(), service.use.total()
    amounts = {**service.use.amounts, "Lambda GB-second": service.use.seconds / 2}
    print(f"one rollout of six steps, {service.polls} looks of the judge: {100 * total:.2f} US cents (bar 1)")
    for name, (price, unit, page) in PRICES.items():
        used = f"{amounts.get(name, 0):10.4g} {100 * costs[name]:.4f} cents"
        print(f"  {name:18} {used}; ${price:.3g} {unit}, {page}")
    return {"polls": service.polls, "dollars": total, "parts": costs, "amounts": dict(amounts)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print cost and load; fail when a rollout ends wrong or costs more than the bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--rollouts", type=int, default=1_000, help="rollouts at once (default 1000)")
    parser.add_argument("--assume", type=float, default=1.0, help="factor on the limits that are assumed")
    parser.add_argument("--share", type=float, default=1.0, help="factor on all limits, for fewer rollouts")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    facts = {"cost": cost()}
    limited = run(options.rollouts, limited=True, factor=options.assume, share=options.share)
    facts["load"] = told(limited, run(options.rollouts, limited=False))
    if options.json:
        options.json.write_text(json.dumps(facts, indent=2) + "\n")
    return 1 if limited.faults or facts["cost"]["dollars"] > BAR_DOLLARS else 0


if __name__ == "__main__":
    raise SystemExit(main())
