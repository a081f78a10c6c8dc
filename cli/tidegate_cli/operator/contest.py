"""A contest for people: how it stands, and how its split went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_cli.operator.evidence import Evidence, number
from tidegate_cli.operator.ledger import LogEntry, Run
from tidegate_cli.operator.words import percent

_SHARES: Final = ("SHIFTED", "REWEIGHED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A split of the traffic: since when (epoch seconds), and the candidate's share in percent."""

    at: float
    percent: int


def splits_of(run: Run) -> tuple[Split, ...]:
    """Return the splits of a rollout's last contest, in order; none without a contest."""
    judged = contest_entry(run)
    if judged is None:
        return ()
    entries = [e for e in run.log if e.kind in _SHARES and e.body.get("step") == judged.body.get("step")]
    splits = [Split(at=entry.at, percent=int(entry.body["weight_percent"])) for entry in entries]
    # A handler that was stopped records the same split once more.
    return tuple(one for i, one in enumerate(splits) if i == 0 or one.percent != splits[i - 1].percent)


def contest_entry(run: Run) -> LogEntry | None:
    """Return the newest judgement of a contest; None without one."""
    return next((e for e in reversed(run.log) if e.kind == "JUDGED" and e.body.get("contest")), None)


def contest_line(contest: Mapping[str, Any]) -> str:
    """Say in a line how a contest stands."""
    best = contest.get("best")
    bandit = "" if best is None else f"; the better arm with a probability of {percent(best)}"
    return f"{rewards_in_words(contest)}; {ratio_in_words(contest)}; {evidence_in_words(contest)}{bandit}"


def rewards_in_words(contest: Mapping[str, Any]) -> str:
    """For example `1,320 rewards for 12,000 candidate requests, 1,200 for 12,000 live`."""
    candidate = f"{contest['candidate_rewards']:,} rewards for {contest['candidate_requests']:,} candidate"
    return f"{candidate} requests, {contest['live_rewards']:,} for {contest['live_requests']:,} live"


def ratio_in_words(contest: Mapping[str, Any]) -> str:
    """Say how many times live's rate of rewards the candidate's is, with its interval."""
    if contest["ratio"] is None:
        return "no ratio yet"
    low = "0" if contest["ratio_lower"] is None else f"{contest['ratio_lower']:.3g}"
    high = "unbounded" if contest["ratio_upper"] is None else f"{contest['ratio_upper']:.3g}"
    return f"{contest['ratio']:.3g} times live's rate ({low} to {high})"


def evidence_in_words(contest: Mapping[str, Any]) -> str:
    """Say how far both tests are."""
    return (
        f"e-values {number(contest['e_win'])} for it and {number(contest['e_lose'])} against it, "
        f"of {number(contest['threshold'])}"
    )


def splits_in_words(splits: tuple[Split, ...]) -> str:
    """For example `50 %, 86 %, 90 %`."""
    return ", ".join(f"{split.percent} %" for split in splits)


def decided_by(judged: LogEntry) -> str:
    """Say in plain words what a contest decided; empty when it was not the contest."""
    contest, verdict = judged.body.get("contest"), judged.body.get("verdict")
    if not contest:
        return ""
    signals = Evidence.of(judged.body.get("signals", ()))
    failed_by_errors = signals is not None and signals.e_value >= signals.threshold
    if verdict == "FAIL" and not failed_by_errors:
        return "the challenger lost its contest"
    if verdict == "INCONCLUSIVE" and contest["e_split"] >= contest["threshold"]:
        return "its contest is invalid, since the requests were not split as it was set"
    return "its contest ended without a winner" if verdict == "NO_DIFFERENCE" else ""
