"""What the controller's functions are told in their environment: read by `tidegate_runtime.settings`."""

from typing import TYPE_CHECKING

from tidegate._targets import Targets

if TYPE_CHECKING:
    from tidegate.rollout_plan import RolloutPlan


def handler_settings(targets: Targets, plan: "RolloutPlan", *, ledger_table: str) -> dict[str, str]:
    """Return the variables of every function of a controller.

    Args:
        targets: What the rollout is about.
        plan: Steps, evidence and policies.
        ledger_table: Name of the ledger.

    """
    topics, minutes = targets.topic_arns, targets.gate_minutes
    return {
        "ENDPOINT_NAME": targets.endpoint_name,
        "POINTER_PARAMETER": targets.pointer_parameter,
        "HOSTING_STACK": targets.hosting_stack,
        "LEDGER_TABLE": ledger_table,
        "MODEL_PACKAGE_GROUP": targets.group_name,
        "PLAN": plan.to_json(),
        "EXECUTION_ROLE_ARN": targets.execution_role_arn,
        "ROLLOUT_STATE_MACHINE": targets.rollout_machine,
        "ROLLBACK_STATE_MACHINE": targets.rollback_machine,
        **({"NOTIFY_TOPIC": topics[0]} if topics else {}),
        **({} if minutes is None else {"GATE_MINUTES": f"{minutes:g}"}),
    }
