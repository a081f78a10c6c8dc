"""SageMaker's own safety net for an endpoint update: how traffic moves, and what moves it back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from tidegate._compatibility_guardrail import Guardrail, check_guardrail
from tidegate._guardrail_alarms import check_alarms
from tidegate._validation import Faults
from tidegate.compatibility_numbers import refusal
from tidegate.endpoint_alarm import EndpointAlarm

Strategy = Literal["ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"]

_NO_WAIT: Final = Duration.seconds(0)
_KINDS: Final[Mapping[Strategy, Literal["all-at-once", "canary", "linear", "rolling"]]] = {
    "ALL_AT_ONCE": "all-at-once",
    "CANARY": "canary",
    "LINEAR": "linear",
    "ROLLING": "rolling",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacitySize:
    """A part of a variant's fleet, as a number of instances or as a percentage.

    Attributes:
        unit: `INSTANCE_COUNT` or `CAPACITY_PERCENT`.
        value: Whole number, at least 1; a percentage is at most 100.

    Raises:
        ValueError: when the value is out of range.

    Example:
        CapacitySize.percent(25)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CapacitySize.html

    """

    unit: Literal["INSTANCE_COUNT", "CAPACITY_PERCENT"]
    value: int

    def __post_init__(self) -> None:
        most = 100 if self.unit == "CAPACITY_PERCENT" else math.inf
        if not 1 <= self.value <= most:
            raise ValueError(refusal("capacity-size", f"{self.unit} must be 1 to {most}, got {self.value}"))

    @classmethod
    def instances(cls, count: int) -> Self:
        """Return a number of instances."""
        return cls(unit="INSTANCE_COUNT", value=count)

    @classmethod
    def percent(cls, percent: int) -> Self:
        """Return a percentage of the fleet."""
        return cls(unit="CAPACITY_PERCENT", value=percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentGuardrails:
    """How SageMaker updates an endpoint, and which alarms make it go back by itself. Use the factories.

    Between the moves it bakes; an alarm that goes off then, or during the termination wait, moves all
    traffic back to the old fleet. `EndpointAlarm` values become alarms that see the new fleet only: an
    alarm that also sees the old fleet would roll a fix back because of what it fixes.

    Attributes:
        strategy: `ALL_AT_ONCE`, `CANARY` (two steps), `LINEAR` (equal steps) or `ROLLING` (batches).
        bake: Wait after each step, 0 to 3600 s.
        size: The canary (at most 50 %), the linear step (10 to 50 %) or the batch (5 to 50 %).
        rollback_size: Batch of a rolling deployment's way back; the whole fleet at once when None.
        termination_wait: How long the old fleet stays after the last step, 0 to 3600 s.
        maximum_execution_timeout: When SageMaker gives the update up, 600 to 28800 s and longer than all
            waits together; SageMaker's default when None.
        alarms: 1 to 10 alarms in all variants together: conditions for the new fleet, or alarms of your own.

    Raises:
        ValueError: naming every fault at once.

    Example:
        DeploymentGuardrails.canary(size=CapacitySize.percent(25), bake=Duration.minutes(10), alarms=[
        EndpointAlarm.server_error_rate(at_least=0.05)])

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html

    """

    strategy: Strategy
    bake: Duration
    alarms: Sequence[EndpointAlarm | cloudwatch.IAlarm]
    size: CapacitySize | None = None
    rollback_size: CapacitySize | None = None
    termination_wait: Duration = _NO_WAIT
    maximum_execution_timeout: Duration | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "alarms", tuple(self.alarms))
        faults = Faults(f"{self.strategy} deployment guardrails")
        faults.add(check_guardrail(self.policy, []))
        faults.rule(
            "guardrail-rollback-size",
            ok=self.rollback_size is None or self.strategy == "ROLLING",
            message=f"rollback_size is for ROLLING only, got {self.rollback_size}",
        )
        check_alarms(faults, self.alarms, bake_seconds=self.bake.to_seconds())
        faults.raise_if_any()

    @property
    def policy(self) -> Guardrail:
        """The policy without its alarms, as the compatibility rules ask about it."""
        size, timeout = self.size, self.maximum_execution_timeout
        return Guardrail(
            kind=_KINDS[self.strategy],
            size=None if size is None else size.value,
            unit="instances" if size is not None and size.unit == "INSTANCE_COUNT" else "percent",
            wait_seconds=self.bake.to_seconds(),
            termination_wait_seconds=self.termination_wait.to_seconds(),
            timeout_seconds=None if timeout is None else timeout.to_seconds(),
        )

    @classmethod
    def all_at_once(
        cls,
        *,
        bake: Duration,
        alarms: Sequence[EndpointAlarm | cloudwatch.IAlarm],
        termination_wait: Duration = _NO_WAIT,
        maximum_execution_timeout: Duration | None = None,
    ) -> Self:
        """Return the strategy that moves all traffic in one step, then bakes."""
        return cls(
            strategy="ALL_AT_ONCE",
            bake=bake,
            alarms=alarms,
            termination_wait=termination_wait,
            maximum_execution_timeout=maximum_execution_timeout,
        )

    @classmethod
    def canary(
        cls,
        *,
        size: CapacitySize,
        bake: Duration,
        alarms: Sequence[EndpointAlarm | cloudwatch.IAlarm],
        termination_wait: Duration = _NO_WAIT,
        maximum_execution_timeout: Duration | None = None,
    ) -> Self:
        """Return the strategy of two steps: a canary of at most half of the fleet, then the rest."""
        return cls(
            strategy="CANARY",
            size=size,
            bake=bake,
            alarms=alarms,
            termination_wait=termination_wait,
            maximum_execution_timeout=maximum_execution_timeout,
        )

    @classmethod
    def linear(
        cls,
        *,
        step: CapacitySize,
        bake: Duration,
        alarms: Sequence[EndpointAlarm | cloudwatch.IAlarm],
        termination_wait: Duration = _NO_WAIT,
        maximum_execution_timeout: Duration | None = None,
    ) -> Self:
        """Return the strategy of equal steps, each 10 to 50 % of the fleet."""
        return cls(
            strategy="LINEAR",
            size=step,
            bake=bake,
            alarms=alarms,
            termination_wait=termination_wait,
            maximum_execution_timeout=maximum_execution_timeout,
        )

    @classmethod
    def rolling(
        cls,
        *,
        batch: CapacitySize,
        bake: Duration,
        alarms: Sequence[EndpointAlarm | cloudwatch.IAlarm],
        rollback_batch: CapacitySize | None = None,
        maximum_execution_timeout: Duration | None = None,
    ) -> Self:
        """Return the strategy that replaces the fleet batch by batch, without a second fleet."""
        return cls(
            strategy="ROLLING",
            size=batch,
            rollback_size=rollback_batch,
            bake=bake,
            alarms=alarms,
            maximum_execution_timeout=maximum_execution_timeout,
        )
