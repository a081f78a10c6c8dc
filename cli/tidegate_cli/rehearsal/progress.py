"""Progress on the terminal: a live display for people, plain lines for logs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tidegate_cli.operator.evidence import evidence_line
from tidegate_cli.operator.status import RolloutStatus
from tidegate_cli.operator.words import duration
from tidegate_cli.rehearsal.result import Span

_PLAIN_EVERY_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A rollout as it is now, with the candidate's share (0 to 1)."""

    version: str
    rollout: RolloutStatus
    share: float
    endpoint_status: str


class Progress:
    """Shows the steps, and the rollout in flight.

    Args:
        console: Where to; plain lines unless it is a terminal.
        steps: How many steps there will be.
        clock: Real epoch seconds.

    """

    def __init__(self, console: Console, *, steps: int, clock: Callable[[], float] = time.time) -> None:
        self._console = console
        self._steps = steps
        self._clock = clock
        self._began = clock()
        self._spans: list[Span] = []
        self._current: tuple[str, float] | None = None
        self._notes: list[str] = []
        self._view: View | None = None
        self._printed = ("", 0.0)
        self._live = (
            Live(get_renderable=self._render, console=console, refresh_per_second=4, transient=True)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    @property
    def spans(self) -> tuple[Span, ...]:
        """The steps that are over."""
        return tuple(self._spans)

    def step(self, title: str) -> None:
        """Begin a step; the one before is over."""
        self.finish()
        self._current = (title, self._clock())
        if self._live is None:
            self._line(f"step {len(self._spans) + 1}/{self._steps}: {title}")

    def finish(self) -> None:
        """End the current step."""
        if self._current is not None:
            title, began = self._current
            self._spans.append(Span(what=title, began=began, ended=self._clock()))
            if self._live is not None:
                seconds = self._spans[-1].ended - began
                self._console.print(Text(f"✓ {title}  ({seconds:.0f} s)", style="green"))
        self._current, self._view = None, None

    def note(self, text: str) -> None:
        """Say something that stays on the screen."""
        if self._live is None:
            self._line(f"  {text}")
        else:
            self._console.print(Text(f"  {text}"))

    def watch(self, view: View) -> None:
        """Show a rollout as it is now."""
        self._view = view
        # How a rollout ended is told by a note, with its reason.
        if self._live is None and view.rollout.status == "RUNNING":
            self._print_plainly(view)

    def _print_plainly(self, view: View) -> None:
        text, (before, at) = plain_line(view), self._printed
        key = f"{view.rollout.phase} {view.rollout.step} {view.rollout.status}"
        if key != before or self._clock() - at >= _PLAIN_EVERY_SECONDS:
            self._printed = (key, self._clock())
            self._line(f"  {text}")

    def _line(self, text: str) -> None:
        self._console.print(f"[{self._clock() - self._began:4.0f} s] {text}", markup=False, soft_wrap=True)

    def _render(self) -> RenderableType:
        if self._current is None:
            return Text("")
        title, began = self._current
        number = f"step {len(self._spans) + 1}/{self._steps}"
        head = Spinner("dots", Text(f"{number}: {title}  ({self._clock() - began:.0f} s)", style="bold"))
        return Group(head, details(self._view)) if self._view is not None else head


def plain_line(view: View) -> str:
    """Say in a line what a rollout is doing."""
    rollout = view.rollout
    step = "" if rollout.step is None else f"step {rollout.step}/{rollout.steps or '?'}, "
    evidence = f"; {evidence_line(rollout.evidence)}" if rollout.evidence else ""
    return (
        f"{view.version}: {rollout.phase}, {step}{100 * view.share:.0f} % to the candidate, "
        f"endpoint {view.endpoint_status}"
        f"{evidence}; next: {rollout.next}"
    )


def details(view: View) -> Table:
    """Return the table about a rollout for the live display."""
    rollout = view.rollout
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    step = "" if rollout.step is None else f", step {rollout.step} of {rollout.steps or '?'}"
    table.add_row("phase", f"{rollout.phase}{step}; endpoint {view.endpoint_status}")
    table.add_row("share", f"{_bar(view.share)} {100 * view.share:.0f} % to the candidate")
    if rollout.evidence:
        table.add_row("evidence", evidence_line(rollout.evidence))
    table.add_row("next", rollout.next)
    if rollout.time_left is not None:
        left = rollout.time_left
        table.add_row(
            "time left", f"{duration(left.at_least)} to {duration(left.at_most)} of cloud time in this step"
        )
    return table


def _bar(share: float, width: int = 30) -> str:
    full = round(share * width)
    return "█" * full + "░" * (width - full)
