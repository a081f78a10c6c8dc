"""Which way CloudFormation goes when it calls a custom resource."""

from enum import Enum
from typing import Final

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.ports import Stack

_WAY_BACK: Final = (
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
)


class Direction(Enum):
    """Forward, back, or nowhere: then the request is an old one, delivered again."""

    FORWARD = "forward"
    BACK = "back"
    UNKNOWN = "unknown"
    REST = "rest"


def direction(stack: Stack) -> Direction:
    """Return which way the stack goes; a stack that cannot be read counts as unknown."""
    view = best_effort("read the stack", stack.describe, otherwise=None)
    if view is None:
        return Direction.UNKNOWN
    if view.status in _WAY_BACK:
        return Direction.BACK
    return Direction.FORWARD if view.in_progress else Direction.REST
