"""The words of an explanation, the same on the terminal and on the page."""

from collections.abc import Iterator

from tidegate_cli.operator.contest import (
    evidence_in_words,
    ratio_in_words,
    rewards_in_words,
    splits_in_words,
)
from tidegate_cli.operator.evidence import number
from tidegate_cli.operator.explain import Explanation
from tidegate_cli.operator.lineage import Lineage
from tidegate_cli.operator.looks import Interval
from tidegate_cli.operator.words import clock_time, date_time, duration, percent, version_of


def facts(found: Explanation) -> Iterator[tuple[str, str]]:
    """Yield what is known about a rollout: name and value."""
    package = found.lineage.package_arn
    yield "endpoint", found.endpoint
    yield "rollout", f"{found.rollout_id} ({found.status})"
    yield "version", f"{version_of(package)}  {package}"
    if approved := _approved(found.lineage):
        yield "approved by", approved
    if found.lineage.commit:
        yield "commit", found.lineage.commit
    if found.fix_forward:
        yield "fix-forward", "live was in trouble: judged alone, by the absolute tolerances"
    if found.baseline_arn:
        yield "live before", f"{version_of(found.baseline_arn)}  {found.baseline_arn}"
    yield "started", date_time(found.started_at)
    if found.ended_at is not None:
        yield "ended", f"{date_time(found.ended_at)}, after {duration(found.ended_at - found.started_at)}"
    if found.way_back is not None:
        yield "way back", _way_back(found.way_back.seconds_since_request, found.way_back.seconds_refused)
    yield from found.remarks.rows()
    if found.status == "NEEDS_HUMAN" and found.remarks.resolved_at is None:
        yield "what to do", "abort it with `tidegate abort`, or approve a version again"
    if found.plan:
        yield "plan", f"from {found.plan}"


def _approved(lineage: Lineage) -> str:
    comment = f", who said: {lineage.comment}" if lineage.comment else ""
    if lineage.approved_by:
        return f"{lineage.approved_by} (as recorded at the check){comment}"
    return (
        f"{lineage.changed_by} (the last to change it in the registry){comment}" if lineage.changed_by else ""
    )


def rate_in_words(interval: Interval) -> str:
    """For example `30 of 600: 5 % (2.68 % to 8.33 %)`; `no requests` without any."""
    if not interval.requests:
        return "no requests"
    rate = percent(interval.bad / interval.requests)
    bounds = f"{percent(interval.lower)} to {percent(interval.upper)}"
    return f"{interval.bad:,} of {interval.requests:,}: {rate} ({bounds})"


def signals_caption(found: Explanation) -> str:
    """Say what the table of signals shows, and how far the evidence was; there must be a signal."""
    which = "The judgement that decided" if found.judge_decided else "The newest judgement; it did not decide"
    at = "" if found.rates_at is None else f", at {clock_time(found.rates_at)}"
    mean = sum(rates.e_value for rates in found.rates) / len(found.rates)
    of = "" if found.threshold is None else f" of {found.threshold:,.0f} to fail"
    return f"{which}{at}: mean e-value {number(mean)}{of}; rates with 95 % intervals that hold at every look"


def contest_at(found: Explanation) -> str:
    """Say when the contest was looked at last."""
    return (
        "" if found.contest_judged_at is None else f", as it stood at {clock_time(found.contest_judged_at)}"
    )


def contest_lines(found: Explanation) -> Iterator[str]:
    """Yield what is known about a contest; nothing without one."""
    contest = found.contest
    if contest is None:
        return
    yield rewards_in_words(contest)
    yield f"{ratio_in_words(contest)}; the interval holds with 95 % at every look"
    yield evidence_in_words(contest)
    yield f"e-value {number(contest['e_split'])} that the requests were not split as it was set"
    if contest["best"] is not None:
        yield f"the better arm with a probability of {percent(contest['best'])}"
        yield f"course of the candidate's share: {splits_in_words(found.splits)}"


def replay_in_words(found: Explanation) -> str:
    """Say whether the counts on record still give the judgements on record."""
    judgements = f"{found.judged_again} judgement{'s' if found.judged_again > 1 else ''}"
    if not found.differences:
        return f"Judged again from the counts in the ledger: {judgements}, all exactly as recorded."
    return (
        f"THE REPLAY DIFFERS FROM THE RECORD. Of {judgements}, these do not come out as recorded. Either the "
        "ledger was changed afterwards or lacks counts, or the plan changed during the rollout, or this "
        "version of tidegate judges otherwise than the controller did:"
    )


def _way_back(since_request: float, refused: float) -> str:
    held = f", of which the endpoint refused changes for {duration(refused)}" if refused else ""
    return f"weight 0 seen {duration(since_request)} after the request{held}"
