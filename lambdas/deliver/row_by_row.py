"""Asks an endpoint the rows that are left, one after the other, for as long as one call may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from deliver.kept_answers import Kept
from tidegate_runtime.errors import Rejected, Transient
from tidegate_runtime.ports import Clock
from tidegate_runtime.sample_ports import ANY_VARIANT, Invoker
from tidegate_runtime.samples import Sample
from tidegate_runtime.validation.answers import AnswersInvalid, prediction
from tidegate_runtime.validation.dataset import DataSet, body
from tidegate_runtime.validation.gate import Gate

BUDGET_SECONDS: Final = 50
"""How long a call asks one version: with an answer of 70 s at the end of each of two, 240 of its 300 s."""

_TRIES: Final = 3
"""How often a row is sent in one call when there is no answer for the moment."""

_OK: Final = 200
_MOST_SHOWN: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RowByRow:
    """Sends the requests of the set.

    Attributes:
        gate: What is sent, and where in an answer the prediction lies.
        data: The rows.
        invoker: Returns what asks the endpoint of a name.

    """

    gate: Gate
    data: DataSet
    invoker: Callable[[str], Invoker]
    clock: Clock

    def is_last(self, kept: Kept) -> bool:
        """Tell whether every row is answered."""
        return len(kept.answers) == len(self.data)

    def ask(self, endpoint: str, before: Kept) -> tuple[Kept, str]:
        """Ask rows until the budget is used up, one fails or there is no answer for the moment.

        Args:
            endpoint: Name of the endpoint.
            before: What is known; the first row that it does not hold is the first to be asked.

        Returns:
            What is known then, and the trouble that it has ended by, if any.

        Raises:
            Denied: the endpoint may not be asked.

        """
        began, answers = self.clock.now(), list(before.answers)
        invoker, failure, trouble = self.invoker(endpoint), "", ""
        tries = 0
        while len(answers) < len(self.data) and self.clock.now() - began < BUDGET_SECONDS:
            number = len(answers) + 1
            try:
                answers.append(self._prediction(invoker, number))
                tries, trouble = 0, ""
            except Transient as error:
                tries, trouble = tries + 1, f"row {number}: {error}"
                if tries == _TRIES:
                    break
            except (AnswersInvalid, Rejected) as error:
                could_not = f"row {number} could not be sent: " if isinstance(error, Rejected) else ""
                failure = f"{could_not}{error}"
                break
        return Kept(answers=tuple(answers), failure=failure), trouble

    def _prediction(self, invoker: Invoker, number: int) -> Any:
        sample = Sample(
            name=f"row {number}",
            body=body(self.data.inputs[number - 1]),
            content_type=self.gate.content_type,
            accept=self.gate.accept,
        )
        answer = invoker.invoke(ANY_VARIANT, sample)
        if answer.status != _OK:
            said = answer.body[:_MOST_SHOWN].decode(errors="replace")
            raise AnswersInvalid(f"row {number} was answered with status {answer.status}: {said!r}")
        return prediction(answer.body, number=number, pointer=self.gate.prediction)
