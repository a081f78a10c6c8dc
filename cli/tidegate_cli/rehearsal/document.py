"""A rehearsal's result for programs: what `--json` writes."""

from typing import Any

from tidegate_cli.rehearsal.result import Rehearsal, Rollout


def document_of(found: Rehearsal) -> dict[str, Any]:
    """Return the result as JSON-like values; durations in real seconds."""
    return {
        "passed": found.ok,
        "seconds": found.ended - found.began,
        "requests": found.account.sent,
        "requests_per_second": found.achieved_rate,
        "rollouts": [_rollout(rollout, found.scale) for rollout in found.rollouts],
        "checks": [{"what": check.what, "holds": check.ok, "found": check.found} for check in found.checks],
    }


def _rollout(rollout: Rollout, scale: float) -> dict[str, Any]:
    decision, back = rollout.seconds_to_decision, rollout.way_back
    return {
        "version": rollout.version,
        "outcome": rollout.run.status,
        "reason": rollout.why,
        "candidate_requests": len(rollout.candidate),
        "candidate_errors": rollout.candidate_errors,
        "seconds_to_decision": None if decision is None else decision / scale,
        "seconds_to_weight_zero": None if back is None else back.seconds_since_request / scale,
        "seconds_refused": None if back is None else back.seconds_refused / scale,
        "seconds_since_accepted": None if back is None else back.seconds_since_accepted / scale,
    }
