"""A rollout that one execution's history cannot hold goes on in a chain of executions."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tidegate_runtime.ports import Execution, Executions

CHAINED: Final = "CHAINED"
"""Outcome of an execution whose rollout goes on in the next one."""

_LINK: Final = re.compile(r"-c\d+$")


def link_name(rollout_id: str, link: int) -> str:
    """Return the name of a rollout's execution: its id, and `{id}-c2` and so on for those that follow."""
    return rollout_id if link <= 1 else f"{rollout_id}-c{link}"


def rollout_of(execution_name: str) -> str:
    """Return the rollout that an execution belongs to."""
    return _LINK.sub("", execution_name)


def known_link(body: Mapping[str, Any]) -> int:
    """Return the number of the execution that a rollout's record says it is in."""
    return int(body.get("link", 1))


def latest(executions: Executions, machine_arn: str, *, rollout_id: str, known: int) -> Execution | None:
    """Return the execution that a rollout is in, or None when it is not there.

    Args:
        executions: Where they are looked up.
        machine_arn: The rollout's machine.
        rollout_id: The rollout.
        known: The execution by its record, which is written just before it starts.

    """
    link = max(1, known - 1)
    execution = executions.describe(machine_arn, name=link_name(rollout_id, link))
    while execution is not None and execution.output.get("outcome") == CHAINED:
        link += 1
        execution = executions.describe(machine_arn, name=link_name(rollout_id, link))
    return execution


def possible_names(rollout_id: str, *, known: int) -> list[str]:
    """Return the names of the executions that may run: the known one, the one before it and the next."""
    return [link_name(rollout_id, link) for link in range(max(1, known - 1), known + 2)]
