"""Alarms, and what a rollback may do, in memory."""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.lambdas.fakes.world import Port, World, call

ROLLBACK_CALLS: Final[Mapping[str, str]] = {
    "sagemaker:UpdateEndpoint": "sagemaker.update",
    "sagemaker:UpdateEndpointWeightsAndCapacities": "sagemaker.set_weights",
    "cloudformation:UpdateStack": "cloudformation.update",
    "ssm:PutParameter": "ssm.write",
    "states:StopExecution": "states.stop",
}
"""The permissions that a rollback needs, and the call of a port that needs each."""


class FakeAlarms(Port):
    """The floors of both variants: `lit` names the variants whose alarm burns, `lost` those without one."""

    name = "cloudwatch"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lit: set[str] = set()
        self.lost: set[str] = set()

    @call
    def states(self, variants: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        return {variant: {f"digits-{variant}-5xx": self._state(variant)} for variant in variants}

    def _state(self, variant: str) -> str:
        if variant in self.lost:
            return ""
        return "ALARM" if variant in self.lit else "OK"


class FakeAuthority(Port):
    """What the role that rolls back may do, by the calls of the fakes that are denied to it."""

    name = "authority"

    @call
    def denied(self, *, package_arn: str, config_name: str) -> Sequence[str]:
        calls = self.world.faults.denied_to_roll_back
        return [action for action, one in ROLLBACK_CALLS.items() if one in calls]
