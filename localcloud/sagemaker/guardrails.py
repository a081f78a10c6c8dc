"""Deployment guardrails: what a DeploymentConfig asks of an update.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self

from localcloud.sagemaker.configs import EndpointConfig
from localcloud.sagemaker.names import Params, invalid

Mode = Literal["ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"]

_PERCENT: Final = "CAPACITY_PERCENT"
_MEMBERS: Final[Mapping[str, str]] = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
_BOUNDS: Final[Mapping[Mode, tuple[int, int]]] = {"CANARY": (1, 50), "LINEAR": (10, 50), "ROLLING": (5, 50)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A part of a fleet: instances, or percent of its capacity."""

    kind: str
    value: int

    @classmethod
    def of(cls, given: Params) -> Self:
        """Read a CapacitySize."""
        return cls(kind=given["Type"], value=given["Value"])

    def part(self, total: int) -> float:
        """Return the part of a fleet of `total` instances, above 0."""
        return self.value / (100 if self.kind == _PERCENT else max(1, total))

    def check(self, name: str, variant: str, total: int, bounds: tuple[int, int]) -> None:
        """Refuse a part that is out of bounds, or smaller than one instance."""
        low, high = bounds
        percent = 100 * self.part(total)
        what = f"{name} is {percent:g} percent of the {total} instance(s) of variant {variant}"
        if not low <= percent <= high:
            raise invalid(f"{what}; it must be between {low} and {high} percent")
        if percent * total < 100:
            raise invalid(f"{what}; it must be at least one instance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrails:
    """How an update moves traffic, and what sends it back. By default all at once, watched by nothing.

    Attributes:
        mode: how traffic moves.
        size: the canary, a linear step or a rolling batch.
        rollback_size: batch of a rolling rollback; by default everything at once.
        guarded: whether an update policy was given.
        bake_seconds: cloud seconds after each step in which the alarms are watched.
        termination_seconds: cloud seconds for which the old fleet is kept after the last step.
        timeout_seconds: cloud seconds that the deployment may take; by default there is no limit.
        alarms: names of the alarms that send the traffic back.

    """

    mode: Mode = "ALL_AT_ONCE"
    size: Size | None = None
    rollback_size: Size | None = None
    guarded: bool = False
    bake_seconds: int = 0
    termination_seconds: int = 0
    timeout_seconds: int | None = None
    alarms: tuple[str, ...] = ()

    def steps(self, counts: Mapping[str, int]) -> Iterator[dict[str, float]]:
        """Yield the share of each variant's traffic that the new fleet has after each step."""
        for step in itertools.count(1):
            shares = {name: self._share(total, step) for name, total in counts.items()}
            yield shares
            if all(share >= 1 for share in shares.values()):
                return

    def _share(self, total: int, step: int) -> float:
        if self.size is None or (self.mode == "CANARY" and step > 1):
            return 1.0
        return min(1.0, round(self.size.part(total) * step, 9))

    def check(self, counts: Mapping[str, int]) -> None:
        """Refuse sizes and times that the fleet does not allow.

        Args:
            counts: instances by variant.

        Raises:
            AwsError: ValidationException.

        """
        if self.size is not None:
            member = _MEMBERS.get(self.mode, "MaximumBatchSize")
            for name, total in counts.items():
                self.size.check(member, name, total, _BOUNDS[self.mode])
        waits = sum(self.bake_seconds for _ in self.steps(counts)) + self.termination_seconds
        if self.timeout_seconds is not None and self.timeout_seconds < waits:
            raise invalid(
                f"MaximumExecutionTimeoutInSeconds ({self.timeout_seconds}) must be larger than the total "
                f"waiting time of the deployment ({waits})"
            )


def parse(config: Params) -> Guardrails:
    """Read a DeploymentConfig.

    Raises:
        AwsError: ValidationException, when it has two policies, or sizes that do not go with its type.

    """
    alarms = tuple(
        each["AlarmName"] for each in config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    )
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise invalid("only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be set")
    if rolling:
        return _rolling(rolling, alarms)
    return _blue_green(blue_green, alarms) if blue_green else Guardrails(alarms=alarms)


def effective(guardrails: Guardrails, before: EndpointConfig, after: EndpointConfig) -> Guardrails:
    """Return what SageMaker really does: some endpoints silently fall back to all at once, without a bake.

    Those are endpoints with Inf1 instances, and rolling deployments of several variants. Marketplace
    containers are the third kind; the local registry has none.
    """
    variants = (*before.variants, *after.variants)
    inferentia = any(each.instance_type.startswith("ml.inf1.") for each in variants)
    several = guardrails.mode == "ROLLING" and max(len(before.variants), len(after.variants)) > 1
    return Guardrails() if inferentia or several else guardrails


def instances_for(total: int, share: float) -> int:
    """Return how many instances serve a share of the traffic: whole ones, at least one."""
    return min(total, max(1, math.ceil(round(total * share, 6)))) if share > 0 else 0


def _blue_green(policy: Params, alarms: tuple[str, ...]) -> Guardrails:
    routing = policy["TrafficRoutingConfiguration"]
    mode: Mode = routing["Type"]
    for kind, member in _MEMBERS.items():
        if (kind == mode) != (member in routing):
            need = "is required for" if kind == mode else "does not go with"
            raise invalid(f"{member} {need} traffic routing of type {mode}")
    return Guardrails(
        mode=mode,
        size=Size.of(routing[_MEMBERS[mode]]) if mode in _MEMBERS else None,
        guarded=True,
        bake_seconds=routing["WaitIntervalInSeconds"],
        termination_seconds=policy.get("TerminationWaitInSeconds", 0),
        timeout_seconds=policy.get("MaximumExecutionTimeoutInSeconds"),
        alarms=alarms,
    )


def _rolling(policy: Params, alarms: tuple[str, ...]) -> Guardrails:
    back = policy.get("RollbackMaximumBatchSize")
    return Guardrails(
        mode="ROLLING",
        size=Size.of(policy["MaximumBatchSize"]),
        rollback_size=Size.of(back) if back else None,
        guarded=True,
        bake_seconds=policy["WaitIntervalInSeconds"],
        timeout_seconds=policy.get("MaximumExecutionTimeoutInSeconds"),
        alarms=alarms,
    )
