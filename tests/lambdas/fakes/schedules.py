"""Schedules of random events: drawn from a seed, run, and made smaller when they break a promise."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from tests.lambdas.fakes.action_table import ACTIONS, Domain, OneOf
from tests.lambdas.fakes.actions import VERSIONS, happen
from tests.lambdas.fakes.chaos import Chaos
from tests.lambdas.fakes.plans import FEATURES
from tests.lambdas.fakes.promises import check, check_end

LONGEST: Final = 60
Step = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What the versions are like, what happens one after another, and how it ends.

    Attributes:
        bad: Versions that answer with errors.
        broken: Versions whose container does not start.
        features: What the plan has, of `plans.FEATURES`.
        steps: Names of actions with their arguments.
        beside_are_down: Whether what is in flight is aborted at the end with nothing but SageMaker,
            CloudFormation and SSM to go back with.

    """

    bad: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    beside_are_down: bool = False
    steps: tuple[Step, ...] = field(default=())


def drawn(seed: str) -> Schedule:
    """Return the schedule of a seed; each is drawn from some of the actions only, and many from a few.

    Where everything happens, hardly a rollout comes far.
    """
    random = Random(seed)
    share = random.choice((0.1, 0.3, 0.6))
    chosen = [name for name in ACTIONS if name in ("approve", "wait") or random.random() < share]
    weights = [{"wait": 6, "approve": 3}.get(name, 1) for name in chosen]
    names = random.choices(chosen, weights, k=random.randint(2, LONGEST))
    return Schedule(
        bad=tuple(version for version in VERSIONS if random.random() < 0.3),
        broken=tuple(version for version in VERSIONS if random.random() < 0.1),
        features=tuple(name for name in FEATURES if random.random() < 0.2),
        beside_are_down=random.random() < 0.3,
        steps=tuple((name, _arguments(name, random)) for name in names),
    )


def broken_promise(schedule: Schedule, *, make: Callable[[], Chaos] = Chaos) -> str:
    """Run a schedule; return the promise it breaks, or nothing.

    Args:
        schedule: What happens.
        make: Makes the world in which it happens.

    """
    chaos = make().begin(bad=schedule.bad, broken=schedule.broken, features=schedule.features)
    try:
        for name, arguments in schedule.steps:
            happen(chaos, name, arguments)
            check(chaos)
        check_end(chaos, beside_are_down=schedule.beside_are_down)
    except Exception as error:  # noqa: BLE001  (an error of a handler or a fake is a find as well)
        return f"{type(error).__name__}: {error}"
    return ""


def shrunk(schedule: Schedule, *, runs: int = 400) -> Schedule:
    """Return a smaller schedule that breaks a promise too: fewer steps, fewer peculiarities."""
    spent = 0
    size = max(1, len(schedule.steps) // 2)
    while size and spent < runs:
        position = 0
        while position < len(schedule.steps) and spent < runs:
            steps = schedule.steps[:position] + schedule.steps[position + size :]
            smaller, spent = replace(schedule, steps=steps), spent + 1
            if broken_promise(smaller):
                schedule = smaller
            else:
                position += size
        size //= 2
    while (simpler := next(filter(broken_promise, _simpler(schedule)), None)) is not None:
        schedule = simpler
    return schedule


def _simpler(schedule: Schedule) -> Iterator[Schedule]:
    """Yield schedules with one peculiarity less."""
    if schedule.beside_are_down:
        yield replace(schedule, beside_are_down=False)
    for number in schedule.bad:
        yield replace(schedule, bad=tuple(one for one in schedule.bad if one != number))
    for number in schedule.broken:
        yield replace(schedule, broken=tuple(one for one in schedule.broken if one != number))
    for name in schedule.features:
        yield replace(schedule, features=tuple(one for one in schedule.features if one != name))


def told(schedule: Schedule) -> str:
    """Return a schedule as lines that a test can be written from."""
    facts = f"bad={schedule.bad} broken={schedule.broken} features={schedule.features}"
    lines = [f"{facts} beside_are_down={schedule.beside_are_down}"]
    for name, arguments in schedule.steps:
        values = (f"{key}={getattr(value, '__name__', repr(value))}" for key, value in arguments.items())
        lines.append(f"{name}({', '.join(values)})")
    return "\n".join(lines)


def _arguments(name: str, random: Random) -> dict[str, Any]:
    return {key: _value(domain, random) for key, domain in ACTIONS[name].domains.items()}


def _value(domain: Domain, random: Random) -> Any:
    if isinstance(domain, OneOf):
        return random.choice(domain.values)
    return random.randint(domain.low, domain.high)
