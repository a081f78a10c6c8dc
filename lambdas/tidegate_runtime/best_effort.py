"""Calls that must not stop what is essential."""

import logging
from collections.abc import Callable
from typing import TypeVar

_LOG = logging.getLogger("tidegate")

T = TypeVar("T")
U = TypeVar("U")


def best_effort(what: str, call: Callable[[], T], *, otherwise: U) -> T | U:
    """Return `call()`, or `otherwise` with a line in the log when it fails in any way.

    Example:
        best_effort("release the lease", lambda: ledger.release("v2"), otherwise=None)

    """
    try:
        return call()
    except Exception as error:  # noqa: BLE001  (a rollback goes on whatever breaks beside it)
        _LOG.warning("could not %s: %s: %s", what, type(error).__name__, error)
        return otherwise
