"""Where a judgement on record and the same judgement made again disagree."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

# Another machine's logarithm may differ in its last digits, and an e-value multiplies that by its buckets.
_TOLERANCE: Final = 1e-6


def differences(recorded: Mapping[str, Any], replayed: Mapping[str, Any]) -> tuple[str, ...]:
    """Compare two judgements; return what differs, in words.

    Args:
        recorded: Body of the JUDGED entry.
        replayed: The same fields, as the judge finds them now.

    """
    return tuple(_differences(recorded, replayed))


def _differences(recorded: Mapping[str, Any], replayed: Mapping[str, Any]) -> Iterator[str]:
    # Where the controller had another word than the judge, it has put the judge's own beside it.
    verdict = str(recorded.get("judged") or recorded.get("verdict"))
    if verdict != replayed["verdict"]:
        yield f"recorded {verdict}, replayed {replayed['verdict']}"
    for name in ("step_requests", "step_seconds"):
        yield from _unequal(name, recorded.get(name), replayed[name])
    yield from _of_contest(recorded.get("contest"), replayed.get("contest"))
    before, after = _by_name(recorded.get("signals", ())), _by_name(replayed["signals"])
    if set(before) != set(after):
        yield f"recorded signals {sorted(before)}, replayed {sorted(after)}"
    for name in sorted(set(before) & set(after)):
        for field, value in after[name].items():
            yield from _unequal(f"{field} of {name}", before[name].get(field), value)


def _of_contest(recorded: Mapping[str, Any] | None, replayed: Mapping[str, Any] | None) -> Iterator[str]:
    if (recorded is None) != (replayed is None):
        yield "only one of record and replay has a contest"
    for field, value in (replayed or {}).items():
        if recorded is not None:
            yield from _unequal(f"{field} of the contest", recorded.get(field), value)


def _unequal(name: str, recorded: object, replayed: object) -> Iterator[str]:
    if recorded == replayed:
        return
    if isinstance(recorded, int | float) and isinstance(replayed, int | float):
        if math.isclose(recorded, replayed, rel_tol=_TOLERANCE, abs_tol=1e-12):
            return
        yield f"{name}: recorded {recorded:.6g}, replayed {replayed:.6g}"
    else:
        yield f"{name}: recorded {recorded!r}, replayed {replayed!r}"


def _by_name(signals: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(signal.get("name")): signal for signal in signals}
