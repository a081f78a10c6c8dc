"""What the command `plan` answers about a plan that SageMaker's own guardrails carry out."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tidegate_cli.command_line import make_console
from tidegate_cli.plan_words import duration, percent

if TYPE_CHECKING:
    from tidegate import DeclaredTraffic, RolloutPlan
    from tidegate.guardrails_forecast import BakeForecast, GuardrailsForecast

_COLUMNS = ("share", "bake", "requests a minute", "seen by its end", "bad answers", "if never seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedAnswer:
    """What the command found.

    Attributes:
        plan: The plan.
        expected: What its alarms see.
        peak: Most instances at once, while SageMaker has a whole new fleet beside the old one; None where
            live's are not known.
        quota: Instances that may run at most; None where nobody said.

    """

    plan: "RolloutPlan"
    expected: "GuardrailsForecast"
    peak: int | None
    quota: int | None

    @classmethod
    def of(
        cls, plan: "RolloutPlan", traffic: "DeclaredTraffic", *, instances: int | None, quota: int | None
    ) -> Self:
        """Compute the answer.

        Args:
            plan: The plan.
            traffic: The declared traffic.
            instances: Most instances that live has.
            quota: Instances that may run at most.

        """
        from tidegate.guardrails_forecast import guardrails_forecast

        peak = None if instances is None else 2 * instances
        return cls(plan=plan, expected=guardrails_forecast(plan, traffic), peak=peak, quota=quota)

    @property
    def feasible(self) -> bool:
        """Whether an alarm can see something at each share, and the quota holds both fleets."""
        return not self.expected.blind and not self._is_too_large

    @property
    def _is_too_large(self) -> bool:
        return self.peak is not None and self.quota is not None and self.peak > self.quota

    def show(self, *, as_json: bool) -> None:
        """Print it."""
        if not as_json:
            make_console().print(self._view())
            return
        found = self.expected
        figures = {"seen": found.seen, "bad_answers": found.bad_answers, "blind": list(found.blind)}
        document = {"forecast": {**asdict(found), **figures}, "peak_instances": self.peak}
        typer.echo(json.dumps({**document, "plan": json.loads(self.plan.to_json())}, indent=2))

    def _view(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in _COLUMNS:
            table.add_column(name, justify="right", no_wrap=True)
        for bake in self.expected.bakes:
            table.add_row(*_cells(bake), style="red" if bake.blind else None)
        return Group(Text(self._title(), style="bold"), Text(), table, Text(), *self._told())

    def _title(self) -> str:
        found = self.expected
        rate = f"{100 * found.base_error_rate:g} %"
        return (
            f"A version with {found.traffic.ratio:g} times live's error rate of {rate} ({found.signal}), "
            f"at {found.traffic.requests_per_second:g} requests a second, under SageMaker's guardrails"
        )

    def _told(self) -> Iterator[Text]:
        found = self.expected
        minutes = found.minutes_in_a_row
        row = f"{minutes} bad minutes in a row" if minutes > 1 else "a bad minute"
        yield Text(f"An alarm goes off after {row}; no other version is compared with.")
        yield Text(
            f"Such versions: {percent(found.seen)} are taken back before the promotion; "
            f"{found.bad_answers:,.0f} bad answers to expect until then."
        )
        yield Text(f"Versions as good as live: {percent(found.false_alarm)} are taken back by mistake.")
        if found.blind:
            where = " and ".join(found.blind)
            yield Text(f"No alarm sees anything at {where}: too few requests a minute.", style="bold red")
        if self.peak is not None:
            style = "bold red" if self._is_too_large else ""
            said = f"Instances: {self.peak} at the peak, two whole fleets beside each other."
            yield Text(said, style=style)


def _cells(bake: "BakeForecast") -> Iterator[str]:
    yield f"{bake.weight_percent} %"
    yield duration(bake.bake_seconds)
    yield f"{bake.requests_a_minute:,}"
    yield percent(bake.seen)
    yield f"{bake.bad_answers:,.0f}"
    yield f"{bake.bad_answers_unseen:,.0f}"
