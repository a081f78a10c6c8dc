"""A rolling update of an inference component: new copies batch by batch, and the way back.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html
and API_InferenceComponentDeploymentConfig.html beside it
"""

from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from localcloud.errors import NotEmulated
from localcloud.hosting import ContainerSpec, Host, launch_hosts
from localcloud.sagemaker.component import Component
from localcloud.sagemaker.guardrails import Guardrails, Size, instances_for
from localcloud.sagemaker.names import Params
from localcloud.sagemaker.work import EndpointWork

_CHECK_SECONDS: Final = 10.0

Settle = Callable[[BaseException | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    seconds: float
    launched: Future[list[Host]] | None = None
    is_bake: bool = False


class WentBack(Exception):
    """The update was taken back; the text says why."""


def rolling_rules(config: Params) -> Guardrails:
    """Read an InferenceComponentDeploymentConfig.

    Raises:
        NotEmulated: the way back is to take several batches.

    """
    policy = config["RollingUpdatePolicy"]
    if "RollbackMaximumBatchSize" in policy:
        raise NotEmulated("SageMaker UpdateInferenceComponent.DeploymentConfig.RollbackMaximumBatchSize")
    alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    return Guardrails(
        mode="ROLLING",
        size=Size.of(policy["MaximumBatchSize"]),
        guarded=True,
        bake_seconds=policy["WaitIntervalInSeconds"],
        timeout_seconds=policy.get("MaximumExecutionTimeoutInSeconds"),
        alarms=tuple(each["AlarmName"] for each in alarms),
    )


class Rollout:
    """Replaces the copies of a component. Methods are called under the lock.

    Args:
        work: what changes need.
        component: already of the new specification.
        old: what its copies ran.
        rules: batches, bakes, alarms.
        publish: routes requests to the component's present copies.
        settle: called at the end, with the reason when it went back.

    """

    def __init__(
        self,
        work: EndpointWork,
        component: Component,
        *,
        old: ContainerSpec,
        rules: Guardrails,
        publish: Callable[[], None],
        settle: Settle,
    ) -> None:
        self._work = work
        self._component = component
        self._old = old
        self._rules = rules
        self._publish = publish
        self._settle = settle
        self._before = component.copies
        self._count = len(component.copies)
        self._fresh: tuple[Host, ...] = ()
        self._started = work.clock.now()
        self._reason: BaseException | None = None
        self._steps = self._forward()

    def begin(self) -> None:
        """Begin; the rest happens on the cloud clock."""
        self._advance()

    def _forward(self) -> Generator[_Step]:
        total = self._component.desired
        for shares in self._rules.steps({"": total}):
            wanted = instances_for(total, shares[""]) - len(self._fresh)
            yield self._launch(self._component.container, wanted)
            kept = instances_for(self._count, 1 - shares[""])
            self._serve(self._before[:kept], retired=self._before[kept:])
            yield _Step(seconds=self._rules.bake_seconds, is_bake=True)
        self._settle(None)

    def _back(self) -> Generator[_Step]:
        missing = self._count - len(self._before)
        fresh, self._fresh = self._fresh, ()
        if missing:
            yield self._launch(self._old, missing)
        self._before, self._fresh = (*self._before, *self._fresh), ()
        self._serve(self._before, retired=fresh)
        self._settle(self._reason)

    def _serve(self, old: tuple[Host, ...], *, retired: tuple[Host, ...]) -> None:
        self._before = old
        self._component.copies = (*self._fresh, *old)
        self._publish()
        self._work.engine.retire(retired)

    def _launch(self, container: ContainerSpec, count: int) -> _Step:
        launched = launch_hosts(self._work.engine, container, count=max(0, count))
        return _Step(seconds=self._work.durations.component, launched=launched)

    def _advance(self) -> None:
        step = next(self._steps, None)
        if step is not None:
            self._wait(step, until=self._work.clock.now() + step.seconds)

    def _wait(self, step: _Step, *, until: float) -> None:
        seconds = min(until - self._work.clock.now(), _CHECK_SECONDS)
        self._work.clock.after(seconds, lambda: self._look(step, until=until))

    def _look(self, step: _Step, *, until: float) -> None:
        with self._work.lock:
            reason = self._why_back(step)
            if reason is not None:
                if step.launched is not None:
                    step.launched.add_done_callback(self._discard)
                self._go_back(WentBack(reason))
            elif self._work.clock.now() < until:
                self._wait(step, until=until)
            elif step.launched is None:
                self._advance()
            else:
                step.launched.add_done_callback(self._launched)

    def _why_back(self, step: _Step) -> str | None:
        if self._reason is not None:
            return None
        limit = self._rules.timeout_seconds
        if limit is not None and self._work.clock.now() > self._started + limit:
            return f"the update took longer than {limit} s"
        if step.is_bake and self._rules.alarms:
            states = self._work.alarm_states(self._rules.alarms)
            tripped = sorted(name for name, state in states.items() if state == "ALARM")
            return f"alarm {', '.join(tripped)} went off" if tripped else None
        return None

    def _launched(self, launched: Future[list[Host]]) -> None:
        with self._work.lock:
            error = launched.exception()
            if error is None:
                self._fresh = (*self._fresh, *launched.result())
                self._advance()
            elif self._reason is None:
                self._go_back(error)
            else:
                self._settle(error)

    def _discard(self, launched: Future[list[Host]]) -> None:
        if launched.exception() is None:
            self._work.engine.retire(launched.result())

    def _go_back(self, reason: BaseException) -> None:
        self._steps.close()
        self._reason = reason
        self._steps = self._back()
        self._advance()
