"""A small world in memory: virtual time, scripted faults, and the base of all fakes."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from tidegate_runtime.errors import Denied, Transient

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Port")

GROUP = "digits-rehearsal"
START = 1_700_000_040.0  # not a bucket boundary


class Crash(BaseException):
    """The function's process dies: nothing after this call happens, and no handler can catch it."""


def package(version: int) -> str:
    """Return the ARN of a version."""
    return f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{GROUP}/{version}"


@dataclass
class Faults:
    """What goes wrong, and when.

    `before` and `after` map a call's name to errors raised, one at a time, instead of the call or in place of
    its answer; `down` names whole services that do not answer, `outages` those that do not until a time;
    `denied_to_roll_back` names calls that the function roll_back may not make, `acting` the function that
    runs; `crash_at` is the number of the call after which the process dies, `interrupt_at` that of the call
    before which others run. `recording` notes the situations.
    """

    before: dict[str, list[Exception]] = field(default_factory=dict)
    after: dict[str, list[Exception]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    outages: dict[str, float] = field(default_factory=dict)
    denied_to_roll_back: set[str] = field(default_factory=set)
    acting: str = ""
    crash_at: int = 0
    interrupt_at: int = 0
    recording: bool = True
    calls: int = 0
    log: list[str] = field(default_factory=list)
    situations: list[str] = field(default_factory=list)


class World:
    """Time, faults, and what is said about each other by the fakes."""

    def __init__(self, *, time: float = START) -> None:
        self.time = time
        self.faults = Faults()
        self.situation: Callable[[], str] = str
        self.admit: Callable[[str], None] = lambda _: None
        self.interrupt: Callable[[], None] = lambda: None
        self.turn: Callable[[], None] = lambda: None
        self.finish: Callable[[], None] = lambda: None

    def now(self) -> float:
        """Return the virtual time."""
        return self.time


class Port:
    """Base of the fakes: knows the world and its own name."""

    name = ""

    def __init__(self, world: World) -> None:
        self.world = world


def call(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Count a call to the outside, and let it fail or kill the caller as scripted."""

    names: dict[str, str] = {}

    @functools.wraps(method)
    def counted(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        world = self.world
        faults = world.faults
        name = names.get(self.name) or names.setdefault(self.name, f"{self.name}.{method.__name__}")
        faults.calls = number = faults.calls + 1
        if faults.recording:
            faults.log.append(name)
            faults.situations.append(f"{name} {world.situation()}")
        world.admit(name)
        if number == faults.interrupt_at:
            world.interrupt()
        world.turn()
        if self.name in faults.down or world.time < faults.outages.get(self.name, 0):
            raise Transient(f"{self.name} is down")
        if faults.acting == "roll_back" and name in faults.denied_to_roll_back:
            raise Denied(name)
        if faults.before.get(name):
            raise faults.before[name].pop(0)
        answer = method(self, *args, **kwargs)
        if number == faults.crash_at:
            raise Crash(name)
        if faults.after.get(name):
            raise faults.after[name].pop(0)
        return answer

    return counted


def only(items: list[Any]) -> Any:
    """Return the one item."""
    assert len(items) == 1, items
    return items[0]
