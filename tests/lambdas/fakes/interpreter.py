"""Runs executions of the shipped state machines, one task at a time, in virtual time."""

import json
from typing import Any, Final

from tests.lambdas.fakes.asl import START_EXECUTION, Definition, Node, matches
from tests.lambdas.fakes.asl_paths import NotThere
from tests.lambdas.fakes.definitions import rollback_machine, rollout_machine
from tests.lambdas.fakes.handlers import Handlers
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.running import Running, TaskFailed
from tests.lambdas.fakes.world import Crash
from tidegate_runtime.ports import Execution

_ENCODER: Final = json.JSONEncoder(allow_nan=False)
_ERROR_NAMES: Final = {"Crash": "Lambda.Unknown"}


class Interpreter(Handlers):
    """The executions of both machines.

    What a task waits before it is tried again is the longest that the machine may choose, see `jitter`.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.running: dict[tuple[str, str], Running] = {}
        self.busy: list[Running] = []
        self.tokens = 0
        self.tasks.end = self.answer_task

    # --- what benchmarks and tests look at, or change -------------------------------------------------------
    def definition(self, machine: str) -> Definition:
        """Return what an execution that begins now will run."""
        if machine != OUT:
            return rollback_machine()
        return rollout_machine(self.plan, samples=bool(self.samples))

    def entered(self, running: Running, node: Node) -> None:
        """Notice a transition: a state is entered, or a task is tried again."""

    def jitter(self, longest_seconds: float) -> float:
        """Return how long a task waits before it is tried again."""
        return longest_seconds

    def closed(self, running: Running, status: str) -> None:
        """Notice the end of an execution."""

    # --- what others do to executions -----------------------------------------------------------------------
    def answer_task(self, token: str, *, output: Any = None, error: str = "", cause: str = "") -> None:
        """Answer a task that waits for it, as SendTaskSuccess and SendTaskFailure do.

        Raises:
            LookupError: no task waits with this token (any more).

        """
        self._take_up()
        running = next((one for one in self.running.values() if one.token == token != ""), None)
        if running is None or running.answer is not None or self.world.time >= running.wake_at:
            raise LookupError(f"no task waits with token {token}")
        running.answer = TaskFailed(error, cause) if error else {"output": json.loads(json.dumps(output))}
        running.wake_at = self.world.time

    def run_others(self, seconds: float) -> None:
        """Let time pass within a call: what is due runs, except for the executions that wait for a call."""
        end = self.world.time + seconds
        while True:
            self._take_up()
            idle = [one for one in self.running.values() if one not in self.busy and one.due_at <= end]
            if not idle:
                break
            following = min(idle, key=lambda one: one.due_at)
            self.world.time = max(self.world.time, following.due_at)
            self._step(following)
        self.world.time = max(self.world.time, end)

    # --- one execution --------------------------------------------------------------------------------------
    def _take_up(self) -> None:
        for key, document in list(self.executions.inputs.items()):
            view = self.executions.views[key]
            if view.status != "RUNNING":
                running = self.running.pop(key, None)
                if running is not None:
                    self.closed(running, view.status)
            elif key not in self.running:
                self.running[key] = self._begun(key, json.loads(json.dumps(document)))

    def _begun(self, key: tuple[str, str], document: dict[str, Any]) -> Running:
        definition, now = self.definition(key[0]), self.world.time
        return Running(
            machine=key[0],
            name=key[1],
            definition=definition,
            at=definition.start_at,
            state=document,
            started_at=now,
            wake_at=now,
        )

    def _step(self, running: Running) -> None:
        """Run the task that is due, and go on to the next one, or to a wait."""
        if self.world.time >= running.started_at + running.definition.timeout_seconds:
            self._close(running, "TIMED_OUT")
            return
        if self._task_is_over(running):
            self._go_on(running)

    def _task_is_over(self, running: Running) -> bool:
        """Run a task if the execution is at one; tell whether the execution goes on now."""
        node = running.definition.states[running.at]
        if node.kind != "Task":
            return True
        try:
            result = self._result(node, running)
        except NotThere:
            # What Step Functions calls States.Runtime: nothing retries it, nothing catches it.
            raise
        except (Exception, Crash) as error:  # noqa: BLE001  (States.ALL)
            return self._caught(node, running, error)
        if running.token:
            return False
        running.state = node.write(running.state, node.taken(result, None))
        self._enter(running, node.then)
        return self.executions.views[running.machine, running.name].status == "RUNNING"

    def _result(self, node: Node, running: Running) -> Any:
        if running.token:
            return self._answered(running)
        self.entered(running, node)
        if node.resource == START_EXECUTION:
            return self._start_execution(node.given(running.state, None))
        running.asked = node.name, running.state
        if node.waits_for_answer:
            return self._ask(node, running)
        return self._invoked(node.resource, node.given(running.state, None), running)

    def _invoked(self, folder: str, given: Any, running: Running) -> Any:
        log, first = self.world.faults.log, len(self.world.faults.log)
        self.world.situation = lambda: (
            f"{running.at} {len(log) - first} {json.dumps(running.state)} {self.endpoint.cloud.view}"
        )
        self.busy.append(running)
        try:
            text = _ENCODER.encode(self.call(folder, given))
        finally:
            self.world.finish()
            self.busy.remove(running)
        if text != running.text:
            running.text, running.document = text, json.loads(text)
        return running.document

    def _start_execution(self, given: dict[str, Any]) -> dict[str, Any]:
        refused = self.world.faults.before.get("machine.start")
        if refused:
            raise refused.pop(0)
        machine, name = given["StateMachineArn"], given["Name"]
        if not self.executions.begin(machine, name=name, document=given["Input"]):
            raise TaskFailed("StepFunctions.ExecutionAlreadyExistsException", name)
        return {"ExecutionArn": f"{machine}:{name}", "StartDate": self.world.time}

    def _ask(self, node: Node, running: Running) -> None:
        """Hand a token to a handler; the task is over when somebody answers with it."""
        self.tokens += 1
        token = f"token-{self.tokens}"
        context = {"Task": {"Token": token}, "Execution": {"Name": running.name}}
        payload = node.given(running.state, context).get("Payload", {})
        seconds = node.seconds(running.state, context) if node.seconds else float("inf")
        running.token, running.answer, running.wake_at = token, None, self.world.time + seconds
        try:
            self._invoked(node.resource, payload, running)
        except (Exception, Crash):
            running.token = ""
            raise

    def _answered(self, running: Running) -> Any:
        answer, running.token, running.answer = running.answer, "", None
        if answer is None:
            raise TaskFailed("States.Timeout", "nobody answered")
        if isinstance(answer, TaskFailed):
            raise answer
        return answer["output"]

    def _caught(self, node: Node, running: Running, error: BaseException) -> bool:
        """Wait for another try, or go where the error leads; tell whether the execution goes on now."""
        kind = type(error).__name__
        name = error.name if isinstance(error, TaskFailed) else _ERROR_NAMES.get(kind, kind)
        if self.executions.views[running.machine, running.name].status != "RUNNING":
            return False
        for number, retrier in enumerate(node.retriers):
            if matches(retrier.errors, name):
                running.tries[number] += 1
                if running.tries[number] > retrier.attempts:
                    break
                longest = retrier.seconds(running.tries[number])
                running.wake_at = self.world.time + self.jitter(longest)
                return False
        for catcher in node.catchers:
            if matches(catcher.errors, name):
                running.state = catcher.write(running.state, {"Error": name, "Cause": str(error)})
                self._enter(running, catcher.then)
                return True
        self._close(running, "FAILED")
        return False

    def _enter(self, running: Running, name: str) -> None:
        running.at, running.wake_at = name, self.world.time
        running.tries.clear()

    def _go_on(self, running: Running) -> None:
        """Pass all states that take no time, up to the next task; start what waits."""
        while (node := running.definition.states[running.at]).kind != "Task":
            self.entered(running, node)
            if node.kind in ("Succeed", "Fail"):
                self._close(running, "SUCCEEDED" if node.kind == "Succeed" else "FAILED")
                return
            if node.kind == "Wait":
                assert node.seconds is not None
                seconds = node.seconds(running.state, None)
                self._enter(running, node.then)
                running.wake_at = self.world.time + seconds
                return
            if node.kind == "Pass":
                running.state = node.write(running.state, node.given(running.state, None))
                self._enter(running, node.then)
            else:
                self._enter(running, next(then for holds, then in node.choices if holds(running.state)))
        if node.resource == START_EXECUTION and self._task_is_over(running):
            self._go_on(running)

    def _close(self, running: Running, status: str) -> None:
        key = (running.machine, running.name)
        output = running.state if status == "SUCCEEDED" else {}
        self.executions.views[key] = Execution(status=status, output=output)
        self.running.pop(key, None)
        self.closed(running, status)
