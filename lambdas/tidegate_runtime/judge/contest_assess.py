"""The verdict on one look at a contest, after nothing has failed the candidate by its errors."""

from collections.abc import Callable

from tidegate_runtime.judge import contest_reasons as reasons
from tidegate_runtime.judge.judgement import Answer, Verdict
from tidegate_runtime.judge.standing import Standing

Proof = Callable[[], str | None]
"""Says why a promotion is proven by the candidate's errors, or None where it is not."""


def at_any_look(standing: Standing) -> Answer | None:
    """Return what ends a contest at any look: a split that is not the one set, or a challenger that lost."""
    if standing.split_is_wrong:
        return Verdict.INCONCLUSIVE, reasons.split(standing)
    return (Verdict.FAIL, reasons.lost(standing)) if standing.lost else None


def with_planned_evidence(standing: Standing, *, time_is_up: bool, seconds: int, proof: Proof) -> Answer:
    """Return the verdict once the step has its planned requests and time.

    Args:
        standing: The contest.
        time_is_up: Whether no further bucket fits into the step.
        seconds: Observed time of the step.
        proof: The plan's proof for a promotion.

    """
    if standing.won:
        return Verdict.PASS, reasons.won(standing)
    if not time_is_up:
        moves = standing.moves_to is not None
        return (
            (Verdict.REWEIGH, reasons.reweigh(standing))
            if moves
            else (
                Verdict.CONTINUE,
                reasons.undecided(standing),
            )
        )
    if standing.silent:
        return Verdict.NO_DATA, reasons.silent(standing, seconds)
    return _no_difference(standing, seconds, proof)


def _no_difference(standing: Standing, seconds: int, proof: Proof) -> Answer:
    said = reasons.no_difference(standing, seconds)
    if standing.rule.on_no_difference != "promote":
        return Verdict.NO_DIFFERENCE, said
    proven = proof()
    if proven is None:
        return Verdict.INCONCLUSIVE, f"{said}, and no proof by its errors allows to go on"
    return Verdict.PASS, f"{said}, and {proven}"
