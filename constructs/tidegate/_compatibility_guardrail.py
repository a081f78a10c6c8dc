"""The compatibility rules about SageMaker's native deployment policies.

The bounds are those of the API model in botocore; a test compares them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tidegate import _compatibility_terms as at
from tidegate._compatibility_values import Finding, Fleet, refused

MOST_ALARMS: Final = 10
LONGEST_ALARM_NAME: Final = 255
LONGEST_WAIT_SECONDS: Final = 3600
EXECUTION_TIMEOUT_SECONDS: Final = (600, 28_800)
STEP_PERCENT: Final[Mapping[str, tuple[int, int]]] = {
    "canary": (1, 50),
    "linear": (10, 50),
    "rolling": (5, 50),
}
BLUE_GREEN: Final = f"{at.API}/API_BlueGreenUpdatePolicy.html"
ROLLING: Final = f"{at.API}/API_RollingUpdatePolicy.html"
ROUTING: Final = f"{at.API}/API_TrafficRoutingConfig.html"
AUTO_ROLLBACK: Final = f"{at.API}/API_AutoRollbackConfig.html"
CANARY: Final = f"{at.GUIDE}/deployment-guardrails-blue-green-canary.html"


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
    wait_seconds: int = 0
    termination_wait_seconds: int = 0
    timeout_seconds: int | None = None
    alarms: Sequence[str] = ()


def check_guardrail(policy: Guardrail, fleets: Sequence[Fleet]) -> Iterator[Finding]:
    """Check a native deployment policy against its ranges and against the fleets."""
    yield from _waits(policy, fleets)
    yield from _alarms(policy.alarms)
    if policy.kind == "all-at-once":
        return
    if policy.size is None:
        yield refused("guardrail-step-size", f"a {policy.kind} policy needs a step size, got none", ROUTING)
        return
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
    for field in ("wait_seconds", "termination_wait_seconds"):
        if not 0 <= (value := getattr(policy, field)) <= LONGEST_WAIT_SECONDS:
            reason = f"{field} must be 0 to {LONGEST_WAIT_SECONDS}, got {value}"
            yield refused("guardrail-wait", reason, BLUE_GREEN)
    if policy.kind == "rolling" and policy.termination_wait_seconds != 0:
        reason = "a rolling policy has no termination wait: each batch ends the instances that it replaces"
        yield refused("guardrail-rolling-wait", reason, ROLLING)
    if policy.timeout_seconds is None:
        return
    least, most = EXECUTION_TIMEOUT_SECONDS
    if not least <= policy.timeout_seconds <= most:
        reason = f"timeout_seconds must be {least} to {most}, got {policy.timeout_seconds}"
        yield refused("guardrail-timeout", reason, BLUE_GREEN)
    waits = steps(policy, fleets) * policy.wait_seconds + policy.termination_wait_seconds
    if policy.timeout_seconds <= waits:
        reason = f"timeout_seconds must exceed the sum of the waits ({waits}), got {policy.timeout_seconds}"
        yield refused("guardrail-timeout-waits", reason, BLUE_GREEN)


def _share(policy: Guardrail, size: int, fleets: Sequence[Fleet]) -> Iterator[Finding]:
    least, most = STEP_PERCENT[policy.kind]
    if policy.unit == "percent":
        shares = [(size, "")]
    else:
        # A fleet of one has no share of its own: the rule about one instance speaks of it.
        larger = [fleet for fleet in fleets if fleet.instances > 1]
        shares = [(size * 100 // fleet.instances, f" of {fleet.instances}") for fleet in larger]
    for share, of in shares:
        if not least <= share <= most:
            reason = (
                f"a {policy.kind} step must be {least} to {most} percent of the fleet, "
                f"got {size} {policy.unit}{of}"
            )
            yield refused("guardrail-step-size", reason, ROUTING)


def _one_instance(policy: Guardrail, size: int, fleet: Fleet) -> Iterator[Finding]:
    whole = f"a {policy.kind} step is at least one instance: variant {fleet.name!r} with {fleet.instances} "
    if fleet.instances == 1:
        reason = f"{whole}cannot be shifted in steps"
    elif policy.unit == "percent" and size * fleet.instances < 100:
        reason = f"{whole}cannot shift less than {math.ceil(100 / fleet.instances)} percent, got {size}"
    else:
        return
    yield refused("canary-below-one-instance", reason, CANARY)


def _alarms(alarms: Sequence[str]) -> Iterator[Finding]:
    if len(alarms) > MOST_ALARMS:
        yield refused(
            "guardrail-alarms", f"alarms must be at most {MOST_ALARMS}, got {len(alarms)}", AUTO_ROLLBACK
        )
    for name in alarms:
        if not 1 <= len(name) <= LONGEST_ALARM_NAME:
            reason = f"an alarm's name must be 1 to {LONGEST_ALARM_NAME} characters, got {len(name)}"
            yield refused("guardrail-alarms", reason, AUTO_ROLLBACK)
