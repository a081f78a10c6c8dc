"""What gates, hooks and operators need from the world, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping
from typing import Any, Protocol


class Functions(Protocol):
    """Lambda functions of users."""

    def ask(self, arn: str, document: Mapping[str, Any]) -> Any:
        """Call a function and return its answer; raises FunctionFailed when it did not answer."""


class Tasks(Protocol):
    """Tasks of state machines that wait for an answer."""

    def answer(self, token: str) -> bool:
        """End the wait of a task; False when it does not wait any more."""
