"""Users' functions and waiting tasks in memory."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.lambdas.fakes.world import Port, World, call

APPROVER = "arn:aws:lambda:us-east-1:000000000000:function:approve"
BEFORE = "arn:aws:lambda:us-east-1:000000000000:function:before"
AFTER = "arn:aws:lambda:us-east-1:000000000000:function:after"


class FakeFunctions(Port):
    """Functions that answer what `answers` says: a value, or errors and values one after another.

    The last one stays. A function that nobody has spoken of answers DONE.
    """

    name = "functions"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.answers: dict[str, list[Any]] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    @call
    def ask(self, arn: str, document: Mapping[str, Any]) -> Any:
        self.asked.append((arn, document))
        answers = self.answers.get(arn, [{"status": "DONE"}])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeTasks(Port):
    """Tasks that wait; who runs the machines says how they end."""

    name = "tasks"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.end: Callable[[str], None] = lambda token: None

    @call
    def answer(self, token: str) -> bool:
        try:
            self.end(token)
        except LookupError:
            return False
        return True
