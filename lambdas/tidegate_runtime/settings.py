"""The functions' settings, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tidegate_runtime.errors import PlanInvalid
from tidegate_runtime.plan import Plan

_REQUIRED = (
    "ENDPOINT_NAME",
    "POINTER_PARAMETER",
    "HOSTING_STACK",
    "LEDGER_TABLE",
    "MODEL_PACKAGE_GROUP",
    "PLAN",
    "EXECUTION_ROLE_ARN",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one service in one environment is called.

    Attributes:
        endpoint_name: Name of the SageMaker endpoint.
        pointer_parameter: SSM parameter that names the live model package version.
        hosting_stack: CloudFormation stack that owns the endpoint.
        ledger_table: DynamoDB table of leases, runs and decisions.
        model_package_group: Model package group whose approvals start rollouts.
        plan: The rollout plan.
        execution_role_arn: Role that candidate models run under.
        rollout_state_machine: ARN; empty where a function has no use for it.
        rollback_state_machine: ARN; empty where a function has no use for it.
        notify_topic: ARN of the SNS topic that is told about ends; empty when there is none.
        gate_minutes: How long the validation gate may last that makes endpoints of its own; None without one.

    """

    endpoint_name: str
    pointer_parameter: str
    hosting_stack: str
    ledger_table: str
    model_package_group: str
    plan: Plan
    execution_role_arn: str
    rollout_state_machine: str = ""
    rollback_state_machine: str = ""
    notify_topic: str = ""
    gate_minutes: float | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            PlanInvalid: naming every variable that is missing, or what is wrong with the plan.

        """
        minutes = environ.get("GATE_MINUTES")
        missing = [name for name in _REQUIRED if not environ.get(name)]
        if missing:
            raise PlanInvalid(f"environment variables missing: {', '.join(missing)}")
        return cls(
            endpoint_name=environ["ENDPOINT_NAME"],
            pointer_parameter=environ["POINTER_PARAMETER"],
            hosting_stack=environ["HOSTING_STACK"],
            ledger_table=environ["LEDGER_TABLE"],
            model_package_group=environ["MODEL_PACKAGE_GROUP"],
            plan=Plan.from_json(environ["PLAN"]),
            execution_role_arn=environ["EXECUTION_ROLE_ARN"],
            rollout_state_machine=environ.get("ROLLOUT_STATE_MACHINE", ""),
            rollback_state_machine=environ.get("ROLLBACK_STATE_MACHINE", ""),
            notify_topic=environ.get("NOTIFY_TOPIC", ""),
            gate_minutes=float(minutes) if minutes else None,
        )
