"""The rollout controller of one endpoint."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tidegate._guardrails_rules import alarm_names, samples_faults
from tidegate._handler_settings import handler_settings
from tidegate._handlers import Handler
from tidegate._hosting_function import function_name
from tidegate._lost_events import LostEvents
from tidegate._machine import Machine, invoke
from tidegate._permissions import HANDLERS, allow, statements
from tidegate._plan_functions import foreign_functions, gate_functions, hook_functions
from tidegate._plan_waits import PlanWaits
from tidegate._rollback_machine import ROLLBACK_HANDLERS, rollback_definition
from tidegate._rollout_inputs import bucket_arns, check_inputs, key_arns
from tidegate._rollout_machine import ROLLOUT_HANDLERS, rollout_definition, unused_handlers
from tidegate._rules import RolloutRules
from tidegate._targets import Place, Targets
from tidegate.candidate_alarms import CandidateAlarms
from tidegate.declared_traffic import DeclaredTraffic
from tidegate.live_alarms import LIVE, LiveAlarms
from tidegate.rollout_ledger import RolloutLedger
from tidegate.rollout_plan import RolloutPlan

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns

    from tidegate.sample_requests import SampleRequests
    from tidegate.validation_gate import ValidationGate

_CALLED_BY_NAME: Final = ("attach", "guard", "operate")
_CALLED_BY_EVENTS: Final = ("start_on_approval", "watchdog")


class Rollout(Construct):
    """Rolls approved model versions out to one endpoint, step by step, and rolls them back.

    An approval in the model package group starts the state machine `{endpoint_name}-rollout`. It shifts
    traffic from `live` to `candidate` by the plan, judges every step, and promotes by moving the pointer
    and updating the hosting stack. Verdicts, alarms, failures and a watchdog start
    `{endpoint_name}-rollback`.

    The endpoint, its stack and the pointer are named, not referenced: they are born after the controller.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint, at most 46 characters; its live variant must be called `live`.
        model_package_group_name: Group whose approved versions are rolled out.
        pointer_parameter: Name of the SSM parameter with the live version's ARN; starts with `/`. The first
            approved version creates it; no stack may own it.
        hosting_stack_name: Name of the CloudFormation stack that owns the endpoint.
        execution_role: Role that candidate models run as.
        artifact_buckets: Buckets with the models' artifacts, or ARN patterns; checked before a rollout.
        plan: Steps, evidence and policies. By guardrails, the endpoint needs its `deployment_guardrails()`.
        ledger: Table for leases and decisions, keyed by `endpoint` and `entry`; a new `RolloutLedger` when
            None.
        traffic: What the endpoint serves: warns of steps that cannot see a regression there
            (`tidegate:step-cannot-see`) or cannot end (`tidegate:step-cannot-pass`). No warning when None.
        samples: Requests that the candidate must answer as declared before it gets traffic; it is asked
            nothing when None. Not with guardrails, which have no candidate.
        validation: The gate that a pipeline puts before the approval: the watchdog deletes what a gate by
            endpoint has left running when its pipeline was stopped, and looks for none when None.
        notify: Told of every end in words for a person, and of lost events; nobody is when None. A topic with
            an imported KMS key needs a key policy that lets the functions use it.

    Raises:
        ValueError: naming every fault at once.

    Example:
        Rollout(
            stack,
            "Rollout",
            endpoint_name="digits",
            model_package_group_name="digits",
            pointer_parameter="/digits/live-model-package",
            hosting_stack_name="digits-hosting",
            execution_role=role,
            artifact_buckets=[bucket],
            plan=RolloutPlan.canary(percent=5),
        )

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        model_package_group_name: str,
        pointer_parameter: str,
        hosting_stack_name: str,
        execution_role: iam.IRole,
        artifact_buckets: Sequence[s3.IBucket | str],
        plan: RolloutPlan,
        ledger: RolloutLedger | dynamodb.ITable | None = None,
        traffic: DeclaredTraffic | None = None,
        samples: "SampleRequests | None" = None,
        validation: "ValidationGate | None" = None,
        notify: "sns.ITopic | None" = None,
    ) -> None:
        super().__init__(scope, construct_id)
        place = Place.of(Stack.of(self))
        check_inputs(
            endpoint_name,
            model_package_group_name,
            pointer_parameter,
            notify,
            more=[*foreign_functions(plan, place), *samples_faults(plan, sampled=samples is not None)],
        )
        self.ledger: RolloutLedger | dynamodb.ITable = (
            ledger if ledger is not None else RolloutLedger(self, "Ledger")
        )
        """The table of leases and decisions."""
        self._targets = Targets(
            place=place,
            endpoint_name=endpoint_name,
            group_name=model_package_group_name,
            pointer_parameter=pointer_parameter,
            hosting_stack=hosting_stack_name,
            ledger_arn=self.ledger.table_arn,
            execution_role_arn=execution_role.role_arn,
            bucket_arns=bucket_arns(artifact_buckets),
            topic_arns=[] if notify is None else [notify.topic_arn],
            topic_key_arns=key_arns(notify),
            signals=[signal.name for signal in plan.signals],
            gate_functions=gate_functions(plan),
            hook_functions=hook_functions(plan),
            gate_minutes=None if validation is None else validation.endpoint_minutes,
        )
        watched: Mapping[str, Any] = {"endpoint_name": endpoint_name, "signals": plan.signals}
        made = None if plan.is_by_guardrails else CandidateAlarms(self, "Alarms", **watched)
        self.candidate_alarms: CandidateAlarms | None = made
        """The alarms on the candidate: any of them rolls back. None with guardrails, without a candidate."""
        native = alarm_names(plan, endpoint_name=endpoint_name, variant=LIVE)
        self._alarm_names: Sequence[str] = native if made is None else made.alarm_names
        self.live_alarms = LiveAlarms(self, "LiveAlarms", **watched)
        """The alarms on live: they hold a rollout where it is."""
        self._lost = LostEvents(
            self, "Lost", endpoint_name=endpoint_name, alarm_actions=self._targets.topic_arns
        )
        self._functions = self._define_functions(plan, samples)
        self._define_machines(plan)
        self._define_rules()
        if traffic is not None and not plan.is_by_guardrails:
            # Imported only when it is asked for: most apps synthesize without.
            from tidegate._blind_steps import warn_of_blind_steps

            warn_of_blind_steps(self, plan, traffic)

    @property
    def guard_function_arn(self) -> str:
        """ARN of the function behind `HostingGuard`."""
        return self._functions["guard"]

    @property
    def operate_function_arn(self) -> str:
        """ARN of the function behind `tidegate hold`, `resume` and `promote`: who may call it, may steer."""
        return self._functions["operate"]

    @property
    def attach_function_arn(self) -> str:
        """ARN of the function behind `HostingAttach`."""
        return self._functions["attach"]

    def _define_functions(self, plan: RolloutPlan, samples: "SampleRequests | None") -> Mapping[str, str]:
        environment = handler_settings(self._targets, plan, ledger_table=self.ledger.table_name)
        unused = unused_handlers(plan, sampled=samples is not None)
        beside = {"try_samples": samples.packed()} if samples is not None else {}
        return {
            folder: Handler(
                self,
                folder.title().replace("_", ""),
                folder=folder,
                environment=environment,
                statements=statements(folder, self._targets),
                function_name=(
                    function_name(self._targets.endpoint_name, folder) if folder in _CALLED_BY_NAME else None
                ),
                beside=beside.get(folder),
                lost_events=self._lost.arn if folder in _CALLED_BY_EVENTS else None,
            ).function_arn
            for folder in HANDLERS
            if folder not in unused
        }

    def _define_machines(self, plan: RolloutPlan) -> None:
        name, place = self._targets.endpoint_name, self._targets.place
        waits = PlanWaits.of(plan.steps)
        self.rollback_state_machine_arn: str = Machine(
            self,
            "Back",
            name=f"{name}-rollback",
            place=place,
            definition=rollback_definition(self._functions),
            statements=[invoke([self._functions[used] for used in ROLLBACK_HANDLERS])],
        ).arn
        """ARN of the machine `{endpoint_name}-rollback`."""
        again = [self._targets.rollout_machine] if plan.may_chain else []
        start = allow("StartMachines", ["states:StartExecution"], [self.rollback_state_machine_arn, *again])
        called = [self._functions[used] for used in ROLLOUT_HANDLERS if used in self._functions]
        self.rollout_state_machine_arn: str = Machine(
            self,
            "Out",
            name=f"{name}-rollout",
            place=place,
            definition=rollout_definition(
                self._functions,
                rollback_arn=self.rollback_state_machine_arn,
                start_execution=place.integration("states:startExecution"),
                bakes_seconds=plan.execution_seconds,
                shadow=plan.shadow is not None,
                chained_arn=self._targets.rollout_machine if plan.may_chain else None,
                waits=waits,
                gate_look_seconds=waits.gate_look_seconds(plan.bucket_seconds),
                invoke_and_wait=place.integration("lambda:invoke.waitForTaskToken"),
                by_guardrails=plan.is_by_guardrails,
            ),
            statements=[invoke(called), start],
        ).arn
        """ARN of the machine `{endpoint_name}-rollout`."""

    def _define_rules(self) -> None:
        RolloutRules(
            self,
            "Rules",
            group_name=self._targets.group_name,
            rollout_machine_arn=self.rollout_state_machine_arn,
            alarm_names=self._alarm_names,
            start_on_approval=self._functions["start_on_approval"],
            watchdog=self._functions["watchdog"],
            lost=self._lost,
        )
