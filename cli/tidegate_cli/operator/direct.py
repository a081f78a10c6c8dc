"""Rollouts without a candidate, in words."""

from tidegate_cli.operator.ledger import Run
from tidegate_cli.operator.words import version_of


def is_direct(run: Run) -> bool:
    """Tell whether a rollout has no candidate."""
    return bool(run.body.get("direct"))


def way_of(run: Run) -> str:
    """Say how a version without a candidate goes live; nothing for one that is a candidate first."""
    if not is_direct(run):
        return ""
    rejected = str(run.body.get("instead_of") or "")
    if rejected:
        return f"again as the last good version: {version_of(rejected)} was rejected while it was live"
    return "by SageMaker's own guardrails, under alarms, without a candidate"
