"""An endpoint that is not only changed by us: stale answers, maintenance, failures, calls that land late."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tests.lambdas.fakes.sagemaker import FakeEndpoint
from tests.lambdas.fakes.world import World, call
from tidegate_runtime.errors import EndpointBusy, EndpointMissing, Rejected, Transient
from tidegate_runtime.ports import EndpointView

ROLLING_BACK_SECONDS: Final = 120
DEAD: Final = ("Failed", "OutOfService")


class RestlessEndpoint(FakeEndpoint):
    """The `Endpoint` port with all of DescribeEndpoint's states.

    `lag_seconds` is how long after an accepted change the state of before is still answered, `late_by` how
    long after its time-out the next weight change lands, `rollbacks_fail` how many of SageMaker's own
    rollbacks fail.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lag_seconds = 0.0
        self.late_by = 0.0
        self.rollbacks_fail = 0
        self.reached_at = world.time
        self._stale: tuple[float, EndpointView] | None = None
        self._late: list[tuple[float, Mapping[str, float]]] = []
        self._rolls_back_at = 0.0

    def view(self) -> EndpointView:
        while self._late and self._late[0][0] <= self.world.time:
            self._land(*self._late.pop(0))
        view = super().view()
        if self._rolls_back_at and self.world.time >= self._rolls_back_at and view.status == "Updating":
            view = self.cloud.view = replace(view, status="RollingBack")
        return view

    @call
    def describe(self) -> EndpointView:
        if self.cloud.view is None:
            raise EndpointMissing("Could not find endpoint")
        view = self.view()
        return self._stale[1] if self._stale and self.world.time < self._stale[0] else view

    @call
    def set_weights(self, weights: Mapping[str, float]) -> None:
        if self.late_by:
            self._late.append((self.world.time + self.late_by, dict(weights)))
            self.late_by = 0.0
            raise Transient("read timeout")
        self.change_weights(weights)

    def change_config(self, config_name: str, *, retain_counts: bool, bakes_seconds: float = 0) -> None:
        if self.view().status == "UpdateRollbackFailed":
            self.cloud.view = replace(self.view(), status="InService", failure_reason="")
        super().change_config(config_name, retain_counts=retain_counts, bakes_seconds=bakes_seconds)
        pending = self.cloud.pending
        if pending is None or pending.view.config_name == config_name:
            return
        self._rolls_back_at = pending.ready_at - ROLLING_BACK_SECONDS
        if self.rollbacks_fail:
            self.rollbacks_fail -= 1
            failed = "UpdateRollbackFailed"
            pending.view = replace(
                pending.view, status=failed, failure_reason="the container does not answer"
            )

    def maintain(self, seconds: float) -> None:
        """Let SageMaker patch the endpoint for a while, if it is in service."""
        view = self.view()
        if view.status == "InService":
            self._start(view, seconds=seconds)
            self.cloud.view = replace(view, status="SystemUpdating")

    def fail(self, status: str) -> None:
        """Let the endpoint fail in a way that it does not recover from."""
        self.cloud.view, self.cloud.pending = replace(self.view(), status=status), None

    def _in_service(self) -> EndpointView:
        view = self.view()
        if view.status in DEAD:
            raise Rejected(f"cannot update an endpoint that is {view.status}")
        return super()._in_service()

    def _start(self, target: EndpointView, *, seconds: float, pending: str = "") -> None:
        before = self.view()
        self._rolls_back_at = 0.0
        super()._start(target, seconds=seconds, pending=pending)
        self._stale = (self.world.time + self.lag_seconds, before) if self.lag_seconds else None

    def _land(self, at: float, weights: Mapping[str, float]) -> None:
        now, self.world.time = self.world.time, at
        try:
            self.change_weights(weights)
        except (EndpointBusy, Rejected):
            return
        finally:
            self.world.time = now

    def _note(self) -> None:
        before = self.shares[-1][1] if self.shares else None
        super()._note()
        if self.shares[-1][1] != before:
            self.reached_at = self.world.time
