"""The message about a closed gate: what to look at, what to type, until when, and what waiting costs."""

import json

from tidegate_runtime.clock import utc
from tidegate_runtime.notice import Notice, command, version_of
from tidegate_runtime.notice_waiting import waiting_cost
from tidegate_runtime.orders import GateRecord
from tidegate_runtime.ports import Run

_LONGEST_SUBJECT = 100


def gate_notice(run: Run, gate: GateRecord, *, endpoint_name: str, proof: str, now: float) -> Notice:
    """Write the message.

    Args:
        run: The rollout's record.
        gate: Its gate, which is closed.
        endpoint_name: Its endpoint.
        proof: Why the step has passed, with the judge's numbers.
        now: Seconds since 1970.

    """
    body, endpoint = run.body, endpoint_name
    version, step = version_of(str(body.get("package_arn") or "")), gate.step + 1
    names = {"endpoint_name": endpoint, "rollout_id": run.rollout_id}
    decides = f"the function {gate.function} decides; " if gate.function else ""
    at = f"step {step} at {body.get('weight_percent')} % of the traffic"
    ways = f"to let it go on, {_promote(**names)}; to roll it back, {command('abort', **names)}"
    lines = [
        f"Version {version} on {endpoint} has passed {at}, and waits at the gate behind it.",
        "",
        f"What it showed: {proof}",
        f"What to do: {decides}{ways}. The judge goes on meanwhile, and rolls back by itself.",
        f"Until when: {utc(gate.until)}, in {(gate.until - now) / 3600:.1f} h; then the plan decides.",
        f"What it costs: {waiting_cost(body)}",
        "",
        f"Rollout: {run.rollout_id}",
        f"Model package: {body.get('package_arn') or 'unknown'}",
    ]
    subject = f"{endpoint}: version {version} waits at the gate after step {step}"
    return Notice(subject=subject[:_LONGEST_SUBJECT], text="\n".join(lines))


def _promote(*, endpoint_name: str, rollout_id: str) -> str:
    typed = command("promote", endpoint_name=endpoint_name, rollout_id=rollout_id)
    if typed.startswith("`"):
        return typed
    request = {"verb": "promote", "rollout_id": rollout_id, "by": "your name", "reason": "why"}
    return f"a call of the function {endpoint_name}-operate with {json.dumps(request)}"
