"""One UpdateEndpoint: a new fleet, traffic that moves to it step by step, and the way back.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
"""

from collections.abc import Generator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from localcloud.sagemaker.endpoint import Endpoint, Pending, Stage, Variant
from localcloud.sagemaker.fleets import Fleet
from localcloud.sagemaker.guardrails import Guardrails, instances_for
from localcloud.sagemaker.work import EndpointWork

_CHECK_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """Something that takes time: `stage` is what DescribeEndpoint shows of it."""

    stage: Stage
    seconds: float
    launched: Future[Fleet] | None = None
    to: Mapping[str, Variant] | None = None


class Update:
    """Carries a pending deployment out, or takes it back. Methods are called under the lock.

    While the update runs, the endpoint describes its old configuration; the new one is pending.
    """

    def __init__(
        self, work: EndpointWork, endpoint: Endpoint, pending: Pending, guardrails: Guardrails
    ) -> None:
        self._work = work
        self._endpoint = endpoint
        self._pending = pending
        self._guardrails = guardrails
        self._totals = {name: variant.desired_count for name, variant in endpoint.variants.items()}
        self._new = {variant.name: variant for variant in pending.variants}
        self._going_back = False
        self._steps = self._rolling() if guardrails.mode == "ROLLING" else self._blue_green()

    def begin(self) -> None:
        """Begin; the rest happens on the cloud clock."""
        self._endpoint.pending = self._pending
        self._work.begin(self._endpoint, "Updating")
        self._advance()

    def _advance(self) -> None:
        step = next(self._steps, None)
        if step is None:
            return
        self._pending.stage = step.stage
        self._work.events.deployment(self._endpoint)
        self._wait(step, until=self._work.clock.now() + step.seconds)

    def _wait(self, step: _Step, *, until: float) -> None:
        left = until - self._work.clock.now()
        rules = self._guardrails
        checked = not self._going_back and (rules.alarms or rules.timeout_seconds is not None)
        seconds = min(left, _CHECK_SECONDS) if checked else left
        self._work.clock.after(seconds, lambda: self._look(step, until=until))

    def _look(self, step: _Step, *, until: float) -> None:
        with self._work.lock:
            if self._must_go_back(step):
                if step.launched is not None:
                    step.launched.add_done_callback(self._discard)
                self._go_back()
            elif self._work.clock.now() < until:
                self._wait(step, until=until)
            elif step.launched is None:
                self._advance()
            else:
                step.launched.add_done_callback(lambda launched: self._launched(step, launched))

    def _must_go_back(self, step: _Step) -> bool:
        if self._going_back:
            return False
        limit = self._guardrails.timeout_seconds
        if limit is not None and self._work.clock.now() > self._pending.started + limit:
            return True
        if step.stage.status != "Baking" or not self._guardrails.alarms:
            return False
        return "ALARM" in self._work.alarm_states(self._guardrails.alarms).values()

    def _launched(self, step: _Step, launched: Future[Fleet]) -> None:
        with self._work.lock:
            if launched.exception() is None:
                self._work.staff((step.to or {}).values(), launched.result())
                self._advance()
            elif self._going_back:
                self._work.settle(self._endpoint, "UpdateRollbackFailed")
            else:
                self._go_back()

    def _discard(self, launched: Future[Fleet]) -> None:
        if launched.exception() is None:
            for instances in launched.result().values():
                self._work.engine.retire(instances)

    def _blue_green(self) -> Generator[_Step]:
        yield self._launch(self._new, {name: each.desired_count for name, each in self._new.items()})
        counts = {name: len(each.instances) for name, each in self._new.items()}
        for shares in self._guardrails.steps(counts):
            yield from self._shift(shares)
        if self._guardrails.termination_seconds:
            yield self._step("Baking", "Keeping the old fleet.", self._guardrails.termination_seconds)
        self._commit()

    def _rolling(self) -> Generator[_Step]:
        counts = {name: each.desired_count for name, each in self._new.items()}
        for shares in self._guardrails.steps(counts):
            yield self._launch(self._new, {n: instances_for(counts[n], share) for n, share in shares.items()})
            yield from self._shift(shares)
            self._shrink(
                self._endpoint.variants,
                {n: instances_for(self._totals[n], 1 - share) for n, share in shares.items()},
            )
        self._commit()

    def _shift(self, shares: Mapping[str, float]) -> Generator[_Step]:
        self._route(shares)
        if self._guardrails.guarded:
            percent = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
            yield self._step("ActivatingTraffic", f"Traffic: {percent}.", self._work.durations.activate)
        if self._guardrails.bake_seconds:
            yield self._step("Baking", "Monitoring alarms.", self._guardrails.bake_seconds)

    def _commit(self) -> None:
        endpoint, old = self._endpoint, list(self._endpoint.variants.values())
        endpoint.config, endpoint.capture, endpoint.pending = (
            self._pending.config,
            self._pending.capture,
            None,
        )
        endpoint.variants = self._new
        self._work.settle(endpoint, "InService")
        # The new routes are in place: the old fleet gets nothing new and ends what it has in hand.
        self._work.retire(old)

    def _go_back(self) -> None:
        """Return to what served. As users of SageMaker report, it says InService and gives no reason."""
        self._steps.close()
        self._going_back = True
        self._steps = self._back()
        self._work.begin(self._endpoint, "RollingBack")
        self._advance()

    def _back(self) -> Generator[_Step]:
        shares = self._pending.shares
        way = Guardrails(mode="ROLLING", size=self._guardrails.rollback_size)
        for returned in way.steps(self._totals):
            left = {name: max(0.0, share - returned[name]) for name, share in shares.items()}
            wanted = {n: instances_for(total, 1 - left.get(n, 0)) for n, total in self._totals.items()}
            if any(v.lacks(wanted[n]) for n, v in self._endpoint.variants.items()):
                yield self._launch(self._endpoint.variants, wanted)
            self._route(left)
            self._shrink(
                self._new, {n: instances_for(v.desired_count, left.get(n, 0)) for n, v in self._new.items()}
            )
            if not any(left.values()):
                break
        yield self._step("Deleting", "Terminating the new fleet.", self._work.durations.roll_back)
        self._endpoint.pending = None
        self._work.retire(self._new.values())
        self._work.settle(self._endpoint, "InService")

    def _route(self, shares: Mapping[str, float]) -> None:
        self._pending.shares = dict(shares)
        for name, share in shares.items():
            variant = self._new[name]
            variant.active = instances_for(len(variant.instances), share)
        self._work.routes.publish(self._endpoint)

    def _shrink(self, variants: Mapping[str, Variant], keep: Mapping[str, int]) -> None:
        surplus = [each for name, v in variants.items() for each in v.instances[keep.get(name, 0) :]]
        for name, variant in variants.items():
            variant.instances = variant.instances[: keep.get(name, 0)]
        self._work.routes.publish(self._endpoint)
        self._work.engine.retire(surplus)

    def _launch(self, to: Mapping[str, Variant], wanted: Mapping[str, int]) -> _Step:
        missing = {n: (v, v.lacks(wanted.get(n, 0))) for n, v in to.items()}
        count = sum(number for _, number in missing.values())
        launched = self._work.launch(self._endpoint, missing)
        stage = Stage(
            status="Creating", message=f"Launching {count} instance(s).", since=self._work.clock.now()
        )
        return _Step(stage=stage, seconds=self._work.durations.update, launched=launched, to=to)

    def _step(self, status: str, message: str, seconds: float) -> _Step:
        stage = Stage(status=status, message=message, since=self._work.clock.now())
        return _Step(stage=stage, seconds=seconds)
