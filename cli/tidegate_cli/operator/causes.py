"""Why a rollout ended as it did, in one plain sentence, and which judgement decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tidegate_cli.operator.contest import decided_by
from tidegate_cli.operator.direct import is_direct, way_of
from tidegate_cli.operator.ledger import RUNNING, LogEntry, Run
from tidegate_cli.operator.words import version_of

_ASKED: Final[Mapping[str, str]] = {
    "alarm": "an alarm of the candidate went off, which needs no verdict",
    "operator": "an operator asked for it",
    "execution": "its state machine failed, was stopped or ran out of time",
    "deadline": "nobody decided before its deadline",
    "watchdog": "the watchdog found it stuck",
}
_ALONE: Final = ("SHADOWING", "WATCHING")
"""Phases whose PASS promotes nothing."""
_ASKED_DIRECT: Final[Mapping[str, str]] = {
    **_ASKED,
    "alarm": "an alarm of the new fleet went off, which needs no verdict",
    "execution": "the version did not stay live, or its state machine failed or was stopped",
}
_JUDGED: Final[Mapping[str, str]] = {
    "FAIL": "the judge found the candidate worse than tolerated",
    "INCONCLUSIVE": "the evidence did not suffice in the longest time that the plan gives",
    "BOTH_BAD": "live and candidate were both beyond their tolerance, and the plan does not wait",
    "GATE_REJECTED": "it was rejected at its gate",
    "GATE_TIMED_OUT": "nobody opened its gate in time",
    "NO_DATA": "there was nothing to judge in the longest time that the plan gives",
    "NO_DIFFERENCE": "its contest ended without a winner",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a rollout is where it is.

    Attributes:
        sentence: In plain words.
        detail: The controller's own words, with its numbers; empty when it gave none.
        judged: The judgement that decided, or the newest of a rollout in flight; None when none decided.

    """

    sentence: str
    detail: str
    judged: LogEntry | None


def cause_of(run: Run) -> Cause:
    """Find out what decided about a rollout."""
    version = version_of(str(run.body.get("package_arn", "")))
    if run.status == "PROMOTED":
        return _promoted(run, version)
    if run.status == "SUPERSEDED":
        return Cause(
            sentence=f"{version} was not rolled out: another rollout held the endpoint",
            detail=run.reason,
            judged=None,
        )
    if run.status == "QUEUED":
        return Cause(
            sentence=f"{version} waits for the end of the rollout in flight", detail=run.reason, judged=None
        )
    back = run.first("ROLLBACK_REQUESTED")
    if run.status == RUNNING and back is None:
        judged = run.last("JUDGED")
        return Cause(
            sentence=f"{version} is being rolled out; nothing has been decided against it",
            detail="" if judged is None else str(judged.body.get("reason", "")),
            judged=judged,
        )
    return _taken_back(run, version, back)


def _promoted(run: Run, version: str) -> Cause:
    judged = next(
        (e for e in reversed(run.log) if _is(e, "PASS") and e.body.get("phase") not in _ALONE), None
    )
    if run.body.get("first"):
        sentence = f"{version} is the first version: there was nothing to compare it with"
    elif is_direct(run):
        return Cause(
            sentence=f"{version} went live {way_of(run)}", detail=run.reason, judged=run.last("JUDGED")
        )
    elif judged is None:
        sentence = f"{version} was promoted without a judgement on record"
    elif judged.body.get("judged"):
        sentence = f"{version} was promoted on an operator's word, before all its evidence was there"
    else:
        sentence = f"{version} was promoted: every signal was proven to be within its tolerance"
    return Cause(sentence=sentence, detail=run.reason, judged=judged)


def _taken_back(run: Run, version: str, back: LogEntry | None) -> Cause:
    source = str((back.body if back else run.body).get("source", ""))
    judged = next((e for e in reversed(run.log) if _is(e, *_JUDGED)), None)
    by_verdict = source == "verdict" or (back is None and judged is not None)
    end = _end(run, version)
    if by_verdict and judged is not None:
        why = decided_by(judged) or _JUDGED[str(judged.body["verdict"])]
        unanswered = ", on copies of requests that it answered to nobody"
        copied = unanswered if judged.body.get("phase") == "SHADOWING" else ""
        return Cause(sentence=f"{end}: {why}{copied}", detail=run.reason, judged=judged)
    sampled = run.last("SAMPLED")
    if by_verdict and sampled is not None and sampled.body.get("verdict") == "FAIL":
        why = "it did not answer the declared samples as it should, before it had any traffic"
        return Cause(sentence=f"{end}: {why}", detail=run.reason, judged=None)
    asked = _ASKED_DIRECT if is_direct(run) else _ASKED
    if source in asked:
        why = asked[source]
    elif run.first("REFUSED") is not None:
        why = "nothing was touched, since its rollback would have been denied"
    elif run.last("HOOK_FAILED") is not None:
        why = "a hook around a step failed"
    elif run.first("SHIFTED", "PREPARED", "PROMOTING") is None:
        why = "it ended before it had any traffic"
    else:
        why = "the ledger does not say who asked for it"
    return Cause(sentence=f"{end}: {why}", detail=run.reason, judged=None)


def _end(run: Run, version: str) -> str:
    ends = {
        "ROLLED_BACK": f"{version} was rolled back",
        "NEEDS_HUMAN": f"{version} waits for a human",
        RUNNING: f"{version} is being rolled back",
    }
    return ends.get(run.status, f"{version} ended as {run.status}")


def _is(entry: LogEntry, *verdicts: str) -> bool:
    return entry.kind == "JUDGED" and entry.body.get("verdict") in verdicts
