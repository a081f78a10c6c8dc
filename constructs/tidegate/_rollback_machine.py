"""The state machine of a rollback: a durable intent that does not give up."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from tidegate._machine import Machine, route, task

_TIMEOUT: Final = Duration.hours(6)


class RollbackMachine(Construct):
    """RollBack until it is done, then End.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        name: Physical name of the machine.
        functions: The handlers by folder.

    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, functions: Mapping[str, lambda_.IFunction]
    ) -> None:
        super().__init__(scope, construct_id)
        roll_back = task(self, "RollBack", functions["roll_back"], never_give_up=True)
        end = task(self, "End", functions["end"], never_give_up=True)
        end.next(sfn.Succeed(self, "Ended"))
        # An answer that nobody knows means that the rollback is not known to be done: ask again.
        again = sfn.Wait(self, "Unsure", time=sfn.WaitTime.duration(Duration.seconds(5))).next(roll_back)
        route(self, roll_back, {"DONE": self._outcome(end)}, otherwise=again)
        self.machine = Machine(
            self,
            "Machine",
            name=name,
            start=roll_back,
            functions=[functions["roll_back"], functions["end"]],
            timeout=_TIMEOUT,
        ).machine

    def _outcome(self, end: sfn.IChainable) -> sfn.IChainable:
        rolled_back = sfn.Pass(
            self, "RolledBack", result=sfn.Result.from_string("ROLLED_BACK"), result_path="$.outcome"
        )
        # The handler names an outcome only when it is not the usual one.
        named = sfn.Condition.and_(
            sfn.Condition.is_present("$.outcome"),
            sfn.Condition.not_(sfn.Condition.string_equals("$.outcome", "")),
        )
        return sfn.Choice(self, "Outcome").when(named, end).otherwise(rolled_back.next(end))
