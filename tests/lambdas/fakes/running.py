"""An execution of a state machine in memory."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.lambdas.fakes.asl import Definition


class TaskFailed(Exception):
    """A task ended with an error of this name, other than by an exception of a handler."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(cause)
        self.name = name


@dataclass(kw_only=True)
class Running:
    """An execution: where it is, with what state, and when it goes on.

    `tries` counts the repetitions by the number of the retrier; `asked` is the last state that called a
    handler, with its input. `token` is set while a task waits for an answer, `answer` when there is one.
    `text` is the last answer of a handler, and `document` what it reads as.
    """

    machine: str
    name: str
    definition: Definition
    at: str
    state: dict[str, Any]
    started_at: float
    wake_at: float
    tries: Counter[int] = field(default_factory=Counter)
    asked: tuple[str, Any] = ("", None)
    token: str = ""
    answer: Any = None
    text: str = ""
    document: Any = None

    @property
    def due_at(self) -> float:
        """When something happens to it: it wakes up, or has lasted too long."""
        return min(self.wake_at, self.started_at + self.definition.timeout_seconds)
