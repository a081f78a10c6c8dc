"""What people are told, in plain words."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from ab_test.settings import Settings
from tidegate_runtime.ports import Variant

_HOUR: Final = 3_600


def subject(settings: Settings, *, now: float, leaving: Sequence[str]) -> str:
    """Return the subject, at most 100 characters of ASCII as SNS demands."""
    if now >= settings.deadline:
        return f"A/B test on {settings.endpoint_name}: over"
    return f"A/B test on {settings.endpoint_name}: {'idle variants' if leaving else 'ends soon'}"


def ends_soon(settings: Settings) -> str:
    """Return the warning before the end."""
    others = _named(sorted(set(settings.instance_types) - {settings.champion}))
    return (
        f"The A/B test on endpoint {settings.endpoint_name} ends at {_utc(settings.deadline)}: decide which "
        f"variant stays. Then {settings.champion} takes all its traffic, and {others} goes down to one "
        "instance. To go on longer, deploy a later deadline before that."
    )


def report(
    settings: Settings,
    *,
    now: float,
    leaving: Sequence[Variant],
    did: Sequence[str],
    calls: Mapping[str, float],
) -> str:
    """Return what is over or idle, what was done, what it still costs, and what is left to people.

    Args:
        settings: The test.
        now: Seconds since 1970.
        leaving: The variants that are over or idle, as they are after what was done.
        did: What was done, in words.
        calls: Requests to each variant while the idle ones had none; empty when the test is over.

    """
    names = _named([variant.name for variant in leaving])
    lines = [_why(settings, names, now=now, calls=calls)]
    lines += [f"Done now: {what}." for what in did]
    lines += [_cost(settings, variant) for variant in leaving]
    lines.append(
        f"To end this cost, remove {names} from the stack's variants and from the A/B test, and deploy. With "
        "fewer than two variants left, remove the A/B test too. Until then this endpoint is looked at every "
        "five minutes, and a reminder comes once a day."
    )
    return "\n".join(lines)


def _why(settings: Settings, names: str, *, now: float, calls: Mapping[str, float]) -> str:
    if now >= settings.deadline:
        return (
            f"The A/B test on endpoint {settings.endpoint_name} is over since {_utc(settings.deadline)}: "
            f"{settings.champion} gets all its traffic, and {names} none."
        )
    return (
        f"Nobody has called {names} on endpoint {settings.endpoint_name} since "
        f"{_utc(now - settings.idle_after_seconds)} ({settings.idle_after_seconds / _HOUR:g} h), while the "
        f"endpoint had {sum(calls.values()):.0f} requests: {names} gets no traffic until the next deploy of "
        f"the endpoint. The test goes on until {_utc(settings.deadline)}."
    )


def _cost(settings: Settings, variant: Variant) -> str:
    count = variant.desired_instances
    going = ", going down to 1" if count > 1 else ""
    return (
        f"{variant.name} still runs {count} x {settings.instance_types[variant.name]}{going}: "
        f"{count} instance-hour{'s' if count > 1 else ''} an hour, {count * 24} a day."
    )


def _named(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
