"""The table of what may happen: each action under its own name, with the faults that it stands for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final


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


def action(*faults: int, **domains: Domain) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Put a function into the table under its own name."""

    def put(do: Callable[..., None]) -> Callable[..., None]:
        ACTIONS[do.__name__] = Action(do=do, domains=domains, faults=faults)
        return do

    return put
