"""Events, figures and messages in memory."""

from collections.abc import Mapping
from typing import Any

from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.notice import Notice
from tidegate_runtime.notice_ports import ROLLOUT_CHANGED


class FakeEvents(Port):
    """What was published."""

    name = "events"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.published: list[Mapping[str, Any]] = []
        self.rejections: list[Mapping[str, Any]] = []

    @call
    def publish(self, detail: Mapping[str, Any], *, kind: str = ROLLOUT_CHANGED) -> None:
        (self.published if kind == ROLLOUT_CHANGED else self.rejections).append(detail)


class FakeMeter(Port):
    """Ends that were counted, with their seconds."""

    name = "meter"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.ends: list[tuple[str, float]] = []

    @call
    def ended(self, *, outcome: str, at: float, seconds: float) -> None:
        self.ends.append((outcome, seconds))


class FakeTopic(Port):
    """Messages to people."""

    name = "sns"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.sent: list[Notice] = []

    @call
    def publish(self, *, subject: str, text: str) -> None:
        self.sent.append(Notice(subject=subject, text=text))
