"""Where in a plan a contest may stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tidegate.contest import Contest


class ContestStep(Protocol):
    """What is asked of a step."""

    @property
    def weight_percent(self) -> int:
        """The candidate's share."""

    @property
    def max_bake_seconds(self) -> int:
        """The longest the step may take."""

    @property
    def contest(self) -> Contest | None:
        """The step's contest, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestFault:
    """What is wrong with a step's contest.

    Attributes:
        step: Index of the step.
        field: Where: `contest`, `weight_percent` or `max_bake`.
        message: What is allowed there, and why.

    """

    step: int
    field: str
    message: str


def contest_faults(steps: Sequence[ContestStep]) -> Iterator[ContestFault]:
    """Yield what is wrong with the contests of a plan's steps."""
    for index, step in enumerate(steps):
        if step.contest is not None:
            for field, message in _faults(step, step.contest, left=len(steps) - 1 - index):
                yield ContestFault(step=index, field=field, message=message)


def _faults(step: ContestStep, contest: Contest, *, left: int) -> Iterator[tuple[str, str]]:
    if left == 0:
        yield "contest", "is not possible at 100 %: live, its champion, serves nothing there"
    elif left > 1:
        yield "contest", "must stand in the step before the last: whoever wins it goes on to 100 %"
    if not contest.allows(step.weight_percent):
        floor = contest.floor_percent or 0
        between = f"must be {floor} to {100 - floor}, between the floors of its contest"
        yield "weight_percent", f"{between}, got {step.weight_percent}"
    longest = f"got {step.max_bake_seconds / 60:g} min"
    if contest.is_bandit and contest.reweigh_seconds >= step.max_bake_seconds:
        minutes = f"{contest.reweigh_seconds / 60:g}"
        yield "max_bake", f"must be longer than reweigh_minutes ({minutes}), or no split changes; {longest}"
    if 60 * contest.reward_delay_minutes >= step.max_bake_seconds:
        delay = f"reward_delay_minutes ({contest.reward_delay_minutes:g})"
        yield (
            "max_bake",
            f"must be longer than {delay}, or no reward counts; {longest}",
        )
