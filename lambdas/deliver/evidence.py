"""What the judge has counted in a rollout, in a line of numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tidegate_runtime.ports import Run

_ALONE: Final = "WATCHING"


def told(run: Run, judged: Sequence[Mapping[str, Any]]) -> str:
    """Return steps, minutes, requests, and each signal's rate beside that of live.

    Args:
        run: The record of a rollout that was promoted.
        judged: The judge's decisions about it.

    Example:
        told(run, judged) == "4 steps in 58 min, 12345 requests judged, 5xx 0.02 % (live 0.03 %)"

    """
    if run.body.get("first"):
        return "the first version, with nothing to compare it with"
    steps = len((run.body.get("plan") or {}).get("steps", ()))
    began, ended = run.body.get("started_at"), run.body.get("ended_at")
    parts = [f"{steps} steps" if steps != 1 else "1 step"] if steps else []
    if began is not None and ended is not None:
        parts = [f"{' '.join(parts)} in {round((ended - began) / 60)} min".strip()]
    compared = [entry for entry in judged if entry.get("phase") != _ALONE]
    candidate, live = _counted(compared, "candidate"), _counted(compared, "live")
    if not candidate["requests"]:
        return ", ".join([*parts, str(run.body.get("reason") or "no requests were judged")])
    rates = [f"{name} {_rate(candidate, name)} (live {_rate(live, name)})" for name in _signals(candidate)]
    return ", ".join([*parts, f"{candidate['requests']} requests judged", *rates])


def _counted(judged: Iterable[Mapping[str, Any]], variant: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for entry in judged:
        for bucket in entry.get("buckets", ()):
            found = bucket.get(variant, {})
            counted["requests"] += found.get("requests", 0)
            counted.update({f"bad {name}": bad for name, bad in found.get("bad", {}).items()})
    return counted


def _signals(counted: Counter[str]) -> list[str]:
    return sorted(name.removeprefix("bad ") for name in counted if name.startswith("bad "))


def _rate(counted: Counter[str], signal: str) -> str:
    requests = counted["requests"]
    return f"{100 * counted[f'bad {signal}'] / requests:.2f} %" if requests else "no requests"
