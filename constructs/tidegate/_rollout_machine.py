"""The state machine of a rollout."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from tidegate._machine import Machine, route, task
from tidegate.rollout_plan import RolloutPlan

# Room for the updates themselves, beside the bakes.
_UPDATES_SECONDS: Final = 6 * 3600
_USED: Final = ("first_version", "check", "prepare", "shift", "judge", "promote", "end")


class RolloutMachine(Construct):
    """FirstVersion, Check, Prepare, then Shift and Judge for each step, Promote, Watch, End.

    Every error, and every status that is not expected, leads to the rollback's own machine.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        name: Physical name of the machine.
        functions: The handlers by folder.
        rollback: The machine that rolls back.
        plan: The plan, for the time-out.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        functions: Mapping[str, lambda_.IFunction],
        rollback: sfn.IStateMachine,
        plan: RolloutPlan,
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions = functions
        self._on_verdict = self._define_start_rollback("StartRollback", rollback, source="verdict")
        self._on_error = self._define_start_rollback("StartRollbackOnError", rollback, source="execution")
        self.machine = Machine(
            self,
            "Machine",
            name=name,
            start=self._define_states(),
            functions=[functions[used] for used in _USED],
            timeout=Duration.seconds(plan.max_seconds + _UPDATES_SECONDS),
            may_start=[rollback.state_machine_arn],
        ).machine

    def _define_states(self) -> sfn.IChainable:
        first = self._task("FirstVersion", "first_version")
        check, prepare = self._task("Check", "check"), self._task("Prepare", "prepare")
        shift, judge = self._task("Shift", "shift"), self._task("Judge", "judge")
        promote, watch = self._task("Promote", "promote"), self._task("Watch", "judge")
        promoted, needs_human = self._define_ends()
        self._route(first, {"FIRST": promoted, "NEXT": check})
        self._route(check, {"DONE": prepare})
        self._route(prepare, {"DONE": shift})
        self._route(shift, {"DONE": judge})
        verdicts = {"PASS": promote, "NEXT_STEP": shift, "NEEDS_HUMAN": needs_human}
        self._route(judge, verdicts, wait_on=("WAIT", "CONTINUE"))
        self._route(promote, {"DONE": watch})
        self._route(watch, {"PASS": promoted, "NEEDS_HUMAN": needs_human}, wait_on=("WAIT", "CONTINUE"))
        return first

    def _task(self, name: str, function: str) -> tasks.LambdaInvoke:
        state = task(self, name, self._functions[function])
        state.add_catch(self._on_error, errors=["States.ALL"], result_path="$.error")
        return state

    def _route(
        self,
        state: tasks.LambdaInvoke,
        routes: Mapping[str, sfn.IChainable],
        *,
        wait_on: tuple[str, ...] = ("WAIT",),
    ) -> None:
        route(self, state, routes, otherwise=self._on_verdict, wait_on=wait_on)

    def _define_ends(self) -> tuple[sfn.Pass, sfn.Pass]:
        # No Catch: a version that is live and watched is not rolled back because the ledger does not answer.
        end = task(self, "End", self._functions["end"], never_give_up=True)
        end.next(sfn.Succeed(self, "Ended"))
        return self._outcome("Promoted", "PROMOTED", end), self._outcome("NeedsHuman", "NEEDS_HUMAN", end)

    def _outcome(self, name: str, outcome: str, end: sfn.IChainable) -> sfn.Pass:
        state = sfn.Pass(self, name, result=sfn.Result.from_string(outcome), result_path="$.outcome")
        state.next(end)
        return state

    def _define_start_rollback(
        self, name: str, rollback: sfn.IStateMachine, *, source: str
    ) -> tasks.StepFunctionsStartExecution:
        reason = (
            sfn.JsonPath.string_at("$.reason")
            if source == "verdict"
            else sfn.JsonPath.format(
                "{}: {}", sfn.JsonPath.string_at("$.error.Error"), sfn.JsonPath.string_at("$.error.Cause")
            )
        )
        state = tasks.StepFunctionsStartExecution(
            self,
            name,
            state_machine=rollback,
            name=sfn.JsonPath.format("rb-{}", sfn.JsonPath.string_at("$.rollout_id")),
            input=sfn.TaskInput.from_object(
                {
                    "rollout_id": sfn.JsonPath.string_at("$.rollout_id"),
                    "reason": reason,
                    "source": source,
                    "state": sfn.JsonPath.object_at("$"),
                }
            ),
        )
        failed = sfn.Fail(self, f"RollingBackOn{source.title()}", error="RollingBack", cause=f"by {source}")
        state.add_retry(errors=["StepFunctions.ExecutionAlreadyExistsException"], max_attempts=0)
        state.add_retry(
            errors=["States.ALL"],
            interval=Duration.seconds(1),
            max_attempts=8,
            max_delay=Duration.seconds(30),
            jitter_strategy=sfn.JitterType.FULL,
        )
        # Whatever stops this call, the failed execution is an event that leads to the rollback too.
        state.add_catch(failed, errors=["States.ALL"], result_path="$.rollback_error")
        state.next(failed)
        return state
