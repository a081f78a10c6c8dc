"""The table of what may happen: each action under its own name, with the faults that it stands for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.lambdas.fakes.world import Crash
from tidegate_runtime.errors import Fault


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some values."""

    values: Sequence[Any]


Domain = Whole | OneOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that happens: what it does, what its arguments are drawn from, which faults it stands for."""

    do: Callable[..., None]
    domains: Mapping[str, Domain]
    faults: tuple[int, ...]


ACTIONS: Final[dict[str, Action]] = {}
VERSIONS: Final = (2, 3, 4)
"""Versions that a schedule rolls out; version 1 is live."""


def action(*faults: int, **domains: Domain) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Put a function into the table under its own name."""

    def put(do: Callable[..., None]) -> Callable[..., None]:
        ACTIONS[do.__name__] = Action(do=do, domains=domains, faults=faults)
        return do

    return put


def happen(chaos: Any, name: str, arguments: Mapping[str, Any]) -> None:
    """Let it happen, as EventBridge or a user lets it: what fails is tried again by them, or not."""
    try:
        ACTIONS[name].do(chaos, **arguments)
    except (Fault, Crash):
        return
    finally:
        chaos.world.finish()
