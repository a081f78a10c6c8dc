"""Values that are not known, since the file is wrong there, and rules that end where they ask for one.

A rule about several values runs although some of them are faulty: it ends where it asks for a faulty one. So
nothing waits until another fault is mended, and nothing is told that only follows from another fault.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")


class Unknown(Exception):  # Nothing is wrong: whoever asks is to stop.
    """A rule has asked for a value that is not known."""


def _asked(*_: object) -> NoReturn:
    raise Unknown


class UnknownValue:
    """Stands for a faulty value in a list or mapping; whatever is asked of it raises `Unknown`."""

    __slots__ = ()

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _asked
    __hash__ = __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __getattr__ = _asked
    __str__ = __repr__ = __format__ = __float__ = __int__ = __add__ = __radd__ = __mul__ = __rmul__ = _asked


def rule(function: Callable[P, Iterable[T]]) -> Callable[P, Iterator[T]]:
    """Make a generator of faults a rule: it ends where it asks for a value that is not known."""

    @wraps(function)
    def over_what_is_known(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        yield from known(function(*args, **kwargs))

    return over_what_is_known


def known(found: Iterable[T]) -> Iterator[T]:
    """Yield what is found until a value is asked for that is not known."""
    try:
        yield from found
    except Unknown:
        return


def each(items: Iterable[T], of: Callable[[T], V]) -> Iterator[tuple[int, V]]:
    """Yield the number of each item and a value of it; those whose value is not known are left out."""
    for number, item in enumerate(items):
        try:
            value = of(item)
        except Unknown:
            continue
        if not isinstance(value, UnknownValue):
            yield number, value


def first(items: Iterable[T], holds: Callable[[T], bool]) -> T | None:
    """Return the first item of which something holds; None when it is known to hold of none.

    Raises:
        Unknown: it is not known of an item, and holds of no other.

    """
    all_known = True
    for item in items:
        try:
            if holds(item):
                return item
        except Unknown:
            all_known = False
    if not all_known:
        raise Unknown
    return None


def itself(value: T) -> T:
    """Return the value, for `each` of plain values."""
    return value


def unknown() -> Any:
    """Return a value that is not known, whatever it should have been."""
    return UnknownValue()
