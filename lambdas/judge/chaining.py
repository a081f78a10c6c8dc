"""Counts the looks of an execution, and hands the rollout to the next one before its history is full."""

from dataclasses import replace
from typing import Final

from judge.barriers import GATED, HOOK
from tidegate_runtime.errors import Transient
from tidegate_runtime.journal import Journal
from tidegate_runtime.plan import Plan
from tidegate_runtime.state import RunState

_LOOKS: Final = {GATED: 2, HOOK: 2, "REWEIGH": 4}
"""How many looks an answer counts for, by the events that it adds: a gate, a hook, a new split."""


def counted(state: RunState, *, plan: Plan, journal: Journal) -> RunState:
    """Return the state with one look more; with the status CHAIN where it goes on in the next execution.

    The record names the next execution before it is started. While the ledger does not answer the rollout
    stays where it is: the bound leaves room.

    Raises:
        RollbackRequested: the rollout may not go on.

    """
    state = replace(state, looks=state.looks + _LOOKS.get(state.status, 1))
    if (
        state.status not in ("CONTINUE", GATED, HOOK)
        or not plan.may_chain
        or state.looks < plan.looks_per_execution
    ):
        return state
    following = replace(state, looks=0, link=state.link + 1)
    try:
        journal.advance(state.phase, link=following.link)
    except Transient:
        return state
    return following.done("CHAIN")
