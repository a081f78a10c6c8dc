"""The compatibility rules about SageMaker's native deployment policies, asked of one policy."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tidegate._compatibility_values import Finding, Fleet, broken
from tidegate._rulebook_guardrails import (
    EXECUTION_TIMEOUT_SECONDS,
    LONGEST_ALARM_NAME,
    LONGEST_WAIT_SECONDS,
    MOST_ALARMS,
    STEP_PERCENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """A native deployment policy.

    Attributes:
        kind: Which one.
        size: Size of a step, in `unit`; None for all at once.
        unit: Whether `size` counts instances or percent of the fleet.
        wait_seconds: Bake after each step.
        termination_wait_seconds: How long the old fleet stays; not for rolling deployments.
        timeout_seconds: MaximumExecutionTimeoutInSeconds; SageMaker's own when None.
        alarms: Names of the alarms that roll back.

    """

    kind: Literal["all-at-once", "canary", "linear", "rolling"]
    size: int | None = None
    unit: Literal["instances", "percent"] = "percent"
    wait_seconds: float = 0
    termination_wait_seconds: float = 0
    timeout_seconds: float | None = None
    alarms: Sequence[str] = ()


def check_guardrail(policy: Guardrail, fleets: Sequence[Fleet]) -> Iterator[Finding]:
    """Check a native deployment policy against its ranges, and against the fleets that there are."""
    yield from _waits(policy, fleets)
    yield from _alarms(policy.alarms)
    if (policy.size is None) != (policy.kind == "all-at-once"):
        yield broken(
            "guardrail-step-size",
            f"size must be set for every policy but all-at-once, got {policy.size} for {policy.kind}",
        )
    elif policy.size is not None:
        yield from _share(policy, policy.size, fleets)
        for fleet in fleets:
            yield from _one_instance(policy, policy.size, fleet)


def steps(policy: Guardrail, fleets: Sequence[Fleet]) -> int:
    """Return how many steps the policy takes, each followed by a wait."""
    if policy.kind in ("all-at-once", "canary"):
        return 1 if policy.kind == "all-at-once" else 2
    whole = max((fleet.instances for fleet in fleets), default=1) if policy.unit == "instances" else 100
    return math.ceil(whole / max(policy.size if policy.size is not None else whole, 1))


def _waits(policy: Guardrail, fleets: Sequence[Fleet]) -> Iterator[Finding]:
    waits = {"bake": policy.wait_seconds, "termination_wait": policy.termination_wait_seconds}
    for field, seconds in waits.items():
        if not 0 <= seconds <= LONGEST_WAIT_SECONDS:
            yield broken(
                "guardrail-wait", f"{field} must be 0 to {LONGEST_WAIT_SECONDS} s, got {seconds:g} s"
            )
    if policy.kind == "rolling" and policy.termination_wait_seconds != 0:
        yield broken(
            "guardrail-rolling-wait",
            f"a rolling policy has no termination_wait, got {policy.termination_wait_seconds:g} s",
        )
    least, most = EXECUTION_TIMEOUT_SECONDS
    timeout = policy.timeout_seconds if policy.timeout_seconds is not None else most
    if not least <= timeout <= most:
        yield broken("guardrail-timeout", f"the timeout must be {least} to {most} s, got {timeout:g} s")
    total = steps(policy, fleets) * policy.wait_seconds + policy.termination_wait_seconds
    if timeout <= total:
        text = f"the timeout must exceed the sum of the waits, {total:g} s, got {timeout:g} s"
        yield broken("guardrail-timeout-waits", text)


def _share(policy: Guardrail, size: int, fleets: Sequence[Fleet]) -> Iterator[Finding]:
    least, most = STEP_PERCENT[policy.kind]
    if policy.unit == "percent":
        shares = [(float(size), "")]
    else:
        # A fleet of one has no share of its own: the rule about one instance speaks of it.
        larger = [fleet for fleet in fleets if fleet.instances > 1]
        shares = [
            (size * 100 / fleet.instances, f" of {fleet.instances} ({fleet.name!r})") for fleet in larger
        ]
    bounds = f"{least} to {most}" if least else f"at most {most}"
    for share, of in shares:
        if size < 1 or not least <= share <= most:
            yield broken(
                "guardrail-step-size",
                f"a {policy.kind} step must be {bounds} percent of the fleet, got {size} {policy.unit}{of}",
            )


def _one_instance(policy: Guardrail, size: int, fleet: Fleet) -> Iterator[Finding]:
    whole = f"a {policy.kind} step is at least one instance: variant {fleet.name!r} with {fleet.instances} "
    if fleet.instances <= 1:
        text = f"{whole}cannot be shifted in steps"
    elif policy.unit == "percent" and size * fleet.instances < 100:
        text = f"{whole}cannot shift less than {math.ceil(100 / fleet.instances)} percent, got {size}"
    else:
        return
    yield broken("canary-below-one-instance", text)


def _alarms(alarms: Sequence[str]) -> Iterator[Finding]:
    if len(alarms) > MOST_ALARMS:
        yield broken("guardrail-alarms", f"alarms must be at most {MOST_ALARMS}, got {len(alarms)}")
    for name in alarms:
        if not 1 <= len(name) <= LONGEST_ALARM_NAME:
            text = f"an alarm's name must be 1 to {LONGEST_ALARM_NAME} characters, got {len(name)}"
            yield broken("guardrail-alarms", text)
