"""One endpoint of many: a rollout that counts what it uses, in an account that throttles."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any, Final

from benchmarks.load_limits import APIS, Account
from benchmarks.load_prices import Use
from tests.lambdas.fakes.asl import Node
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.running import Running
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Transient
from tidegate_runtime.plan import Step

WEIGHTS: Final = (1, 5, 10, 25, 50, 100)
BAKES_SECONDS: Final = (480, 480, 480, 540, 540, 540)
WATCH_SECONDS: Final = 540
"""Shortest bakes: with a bucket a minute, 51 looks at the steps and 9 under watch."""

WATCHDOG_SECONDS: Final = 60
TASK_COPIES: Final = 4
OTHER_COPIES: Final = 2
"""How often a state's document is in the log of a task, and of another state, at level ALL."""

EVENT_BYTES: Final = 400
CALL_LOG_BYTES: Final = 400
"""Assumed size of an event in the log besides the document, and of what Lambda writes for a call."""


class LoadService(Service):
    """A service with a plan of six steps; `use` is what its rollout and its watchdog have used."""

    def prepare(self, account: Account, *, seed: int) -> "LoadService":
        """Deploy version 1 in an account."""
        pairs = zip(WEIGHTS, BAKES_SECONDS, strict=True)
        steps = tuple(
            Step(weight_percent=weight, min_requests=100, **_bake(seconds)) for weight, seconds in pairs
        )
        self.plan = replace(self.plan, steps=steps, watch=replace(self.plan.watch, **_bake(WATCH_SECONDS)))
        self._count_metrics()
        self.account, self.use, self.polls = account, Use(), 0
        self.random = Random(seed)
        self.world.faults.recording = False
        self.world.admit = self._admit
        self.updates: list[str] = []
        return self.deployed()  # type: ignore[return-value]

    def wake(self, now: float) -> float | None:
        """Do what is due; return when the next thing is, None when nothing runs any more."""
        self.world.time = self.account.now = now
        self._take_up()
        for running in [one for one in self.running.values() if one.due_at <= now]:
            self._step(running)
        self._take_up()
        return min((one.due_at for one in self.running.values()), default=None)

    def watch(self, now: float) -> None:
        """Run the scheduled watchdog; one that is throttled comes again a minute later."""
        self.world.time = self.account.now = now
        before = self._requests()
        try:
            self.tick()
        except Transient:
            return
        finally:
            self.use.call(requests=self._requests() - before)

    def call(self, function: str, raw: dict[str, Any]) -> dict[str, Any]:
        """Run a handler, and count it and its requests."""
        self.polls += function == "judge"
        before = self._requests()
        try:
            return super().call(function, raw)
        finally:
            self.use.call(requests=self._requests() - before)
            self.use.amounts["log GB"] += CALL_LOG_BYTES / 1e9  # type: ignore[assignment]

    def entered(self, running: Running, node: Node) -> None:
        """Count a transition and its log; a machine that is throttled goes on by itself."""
        with contextlib.suppress(Transient):
            self.account.take("states:StateTransition")
        self.use.amounts["state transition"] += 1
        copies = TASK_COPIES if node.kind == "Task" else OTHER_COPIES
        size = len(json.dumps(running.state)) + EVENT_BYTES
        self.use.amounts["log GB"] += copies * size / 1e9  # type: ignore[assignment]

    def jitter(self, longest_seconds: float) -> float:
        """Wait with full jitter, as the state machine does."""
        return self.random.uniform(0, longest_seconds)

    def _admit(self, call: str) -> None:
        self.account.admit(call)
        # What is throttled raises, and is not noted as done.
        if call in ("sagemaker.update", "cloudformation.update"):
            self.updates.append(call)
        apis, amounts = APIS[call], self.use.amounts
        amounts["ledger read"] += sum(api in ("dynamodb:GetItem", "dynamodb:Query") for api in apis)
        amounts["ledger write"] += 3 * sum(api in ("dynamodb:PutItem", "dynamodb:DeleteItem") for api in apis)
        amounts["event"] += apis.count("events:PutEvents")

    def _count_metrics(self) -> None:
        sums = self.metrics.sums

        def counted(names: Sequence[tuple[str, str]], **bounds: Any) -> Any:
            answer = sums(names, **bounds)
            self.use.amounts["metric read"] += len(names)
            return answer

        self.metrics.sums = counted  # type: ignore[method-assign]

    def _requests(self) -> int:
        return sum(self.account.calls.values())

    def outcomes(self) -> Mapping[str, str]:
        """Return the status of each rollout."""
        return {run.rollout_id: run.status for run in self.ledger.runs.values()}

    def fault(self, wanted: str) -> str:
        """Return `twice`, `lost` or `wrong` of the one rollout, or nothing when it ended as wanted.

        Twice: started, or the stack or the endpoint changed, more often than one rollout does. Lost: no end.
        Wrong: another end, or the endpoint is not what the end says.
        """
        started = [name for machine, name in self.executions.inputs if machine == OUT]
        if len(started) > 1 or len(self.outcomes()) > 1 or self._changed_twice():
            return "twice"
        ends = list(self.outcomes().values())
        if not ends or ends == ["RUNNING"] or self.ledger.held is not None:
            return "lost"
        live = package(2 if wanted == "PROMOTED" else 1)
        view = self.endpoint.view()
        told = (
            view.config_name == self.stack.config
            and self.endpoint.served_by("live") == self.pointer.value == live
        )
        return "" if ends == [wanted] and told else "wrong"

    def _changed_twice(self) -> bool:
        """Tell whether the candidate was deployed, or the stack updated, more than once there and back."""
        return self.updates.count("sagemaker.update") > 2 or self.updates.count("cloudformation.update") > 1


def _bake(seconds: int) -> dict[str, Any]:
    return {"min_bake_seconds": seconds, "max_bake_seconds": 10 * seconds}
