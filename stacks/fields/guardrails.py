"""How SageMaker itself moves traffic to an updated fleet, and what moves it back."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from aws_cdk import Duration
from pydantic import Field, model_validator

from stacks.fields.alarms import QueueRollbackAlarmsPart, RollbackAlarmsPart, RollbackPart
from stacks.fields.values import Count
from stacks.findings import NOTHING, Finding, refuse, whole
from stacks.part import Part
from tidegate.compatibility import Guardrail

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

    from tidegate import CapacitySize, DeploymentGuardrails

_MINUTE: Final = 60
_Wait = Annotated[float, Field(ge=0, le=60)]


class SizePart(Part):
    """A part of the fleet, in percent or in instances."""

    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    instances: Count | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.percent is None) == (self.instances is None):
            refuse(self, [whole("must have either percent or instances")])
        return self

    def size(self) -> "CapacitySize":
        """Return the size for the library."""
        from tidegate import CapacitySize

        if self.instances is not None:
            return CapacitySize.instances(self.instances)
        return CapacitySize.percent(self.percent if self.percent is not None else 100)


class PolicyPart(Part):
    """Strategy, waits and alarms of an update of the endpoint."""

    strategy: Literal["all-at-once", "canary", "linear", "rolling"]
    size: SizePart | None = None
    rollback_size: SizePart | None = None
    bake_minutes: _Wait
    termination_wait_minutes: _Wait = 0
    timeout_minutes: Annotated[float, Field(ge=10, le=480)] | None = None
    alarms: RollbackPart

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        return refuse(self, self._fitting_size(), self._waits(), self._watched())

    def _fitting_size(self) -> Iterator[Finding]:
        if self.says("size") == (self.strategy == "all-at-once"):
            size = "has no size" if self.strategy == "all-at-once" else "needs a size"
            yield Finding(at=("size",), message=f"{self.strategy} {size}", got=NOTHING)
        if self.says("rollback_size") and self.strategy != "rolling":
            message = f"is for rolling updates, not for {self.strategy}"
            yield Finding(at=("rollback_size",), message=message, got=NOTHING)

    def _waits(self) -> Iterator[Finding]:
        if self.termination_wait_minutes and self.strategy == "rolling":
            message = "a rolling update has no second fleet that could wait"
            yield Finding(at=("termination_wait_minutes",), message=message)

    def _watched(self) -> Iterator[Finding]:
        if not self.alarms.existing and not self.alarms.conditions():
            message = "must have at least one alarm: without one nothing moves traffic back"
            yield Finding(at=("alarms",), message=message, got=NOTHING)

    def guardrail(self) -> Guardrail:
        """Return what the compatibility rules are asked about."""
        size = self.size
        counted = size is not None and size.instances is not None
        return Guardrail(
            kind=self.strategy,
            size=None if size is None else (size.instances if counted else size.percent),
            unit="instances" if counted else "percent",
            wait_seconds=round(self.bake_minutes * _MINUTE),
            termination_wait_seconds=round(self.termination_wait_minutes * _MINUTE),
            timeout_seconds=None if self.timeout_minutes is None else round(self.timeout_minutes * _MINUTE),
        )

    def guardrails(
        self, existing: "Sequence[cloudwatch.IAlarm]", instance_types: Collection[str]
    ) -> "DeploymentGuardrails":
        """Return the guardrails for the library.

        Args:
            existing: The alarms whose ARNs the file names.
            instance_types: The types of the fleets.

        """
        from tidegate import DeploymentGuardrails

        policy = self.guardrail()
        timeout = policy.timeout_seconds
        return DeploymentGuardrails(
            strategy=_STRATEGIES[self.strategy],
            size=None if self.size is None else self.size.size(),
            rollback_size=None if self.rollback_size is None else self.rollback_size.size(),
            bake=Duration.seconds(policy.wait_seconds),
            termination_wait=Duration.seconds(policy.termination_wait_seconds),
            maximum_execution_timeout=None if timeout is None else Duration.seconds(timeout),
            alarms=[*self.alarms.conditions(instance_types), *existing],
        )


class GuardrailsPart(PolicyPart):
    """Guardrails of a real-time endpoint."""

    alarms: RollbackAlarmsPart


class QueueGuardrailsPart(PolicyPart):
    """Guardrails of an asynchronous endpoint."""

    alarms: QueueRollbackAlarmsPart


_STRATEGIES: Final[dict[str, Literal["ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"]]] = {
    "all-at-once": "ALL_AT_ONCE",
    "canary": "CANARY",
    "linear": "LINEAR",
    "rolling": "ROLLING",
}
