"""What a rollout asks before it starts and goes on, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tidegate_runtime.alarm_ports import BURNING


class Alarms(Protocol):
    """The catastrophe floors of one endpoint: an alarm for each signal and variant."""

    def states(self, variants: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return by variant and name the state of each alarm; empty where there is no such alarm."""


class Authority(Protocol):
    """The permissions of the role that rolls back."""

    def denied(self, *, package_arn: str, config_name: str) -> Sequence[str]:
        """Return the actions that a rollback needs and the role may not do; nothing is changed.

        Args:
            package_arn: What the live pointer holds.
            config_name: The stack's endpoint configuration.

        """


def burning(states: Mapping[str, str]) -> list[str]:
    """Return the names of the alarms that have gone off."""
    return [name for name, state in states.items() if state == BURNING]
