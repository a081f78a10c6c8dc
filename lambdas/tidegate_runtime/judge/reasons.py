"""The sentences that explain a judgement, with the numbers that decided."""

import math
from collections.abc import Sequence

from tidegate_runtime.judge.config import JudgeConfig, Requirement
from tidegate_runtime.judge.findings import Finding, finite_e_value
from tidegate_runtime.judge.judgement import Comparison
from tidegate_runtime.judge.words import e_value, percent


def failed(findings: Sequence[Finding], log_e: float, config: JudgeConfig, compare: Comparison) -> str:
    """Say why it fails: `5xx: 5 of 102 candidate requests against 0 of 1,980 live; e-value ...`."""
    counts = grouped([(finding.signal.name, _counts(finding, config, compare)) for finding in findings])
    mean = "mean " if len(config.signals) > 1 else ""
    return f"{counts}; {mean}{_reaches(log_e, 1 / config.alpha)}"


def grouped(said: Sequence[tuple[str, str]]) -> str:
    """Join what is said of each signal; signals of which the same is said are named together."""
    names: dict[str, list[str]] = {}
    for name, text in said:
        names.setdefault(text, []).append(name)
    return "; ".join(f"{' and '.join(same)}: {text}" for text, same in names.items())


def planned(requests: int, seconds: int, requirement: Requirement) -> str:
    """Say how much of the planned evidence is there."""
    needed = max(1, requirement.min_requests)
    return (
        f"{requests:,} of {needed:,} requests and {seconds:,} of {requirement.min_seconds:,} s of this step"
    )


def step_passed(requests: int, seconds: int) -> str:
    """Say that a step has its evidence and no failure."""
    return f"no signal fails after {requests:,} candidate requests in {seconds:,} s of this step"


def no_data(seconds: int, candidate_requests: int) -> str:
    """Say which data is missing."""
    if candidate_requests:
        return f"live served none while the candidate served {candidate_requests:,} requests in {seconds:,} s"
    return f"the candidate served no request in {seconds:,} s of this step"


def below_tolerance(finding: Finding, config: JudgeConfig) -> str:
    """Say that the absolute tolerance allows the promotion of one signal."""
    return (
        f"{finding.bad:,} of {finding.requests:,} candidate requests, "
        f"a rate of at most {percent(finding.upper(config.alpha_promote))} "
        f"where {percent(finding.signal.max_rate)} is tolerated"
    )


def better_than_margin(finding: Finding, config: JudgeConfig) -> str:
    """Say that the comparison with live allows the promotion of one signal."""
    return (
        f"less than {config.margin(finding.signal):.3g} times live's rate, "
        f"{_reaches(finding.log_e_better, 1 / config.alpha_promote)}"
    )


def undecided(finding: Finding, config: JudgeConfig) -> str:
    """Say what is missing to promote one signal."""
    bound = percent(finding.upper(config.alpha_promote))
    below = f"shown below {percent(finding.signal.max_rate)} (bound {bound})"
    if finding.log_e_better == -math.inf:
        rate = percent(finding.bad / finding.requests)
        return f"{rate} in this step and not {below}; earlier steps do not count"
    said = f"(e-value {e_value(finite_e_value(finding.log_e_better))} of {1 / config.alpha_promote:,.0f})"
    return f"neither {below} nor below {config.margin(finding.signal):.3g} times live's rate {said}"


def _counts(finding: Finding, config: JudgeConfig, compare: Comparison) -> str:
    counts = f"{finding.bad:,} of {finding.requests:,} candidate requests"
    if compare == "relative":
        return f"{counts} against {finding.live_bad:,} of {finding.tally.live.requests:,} live"
    lower = percent(finding.lower(1 / config.threshold))
    return f"{counts}, a rate of at least {lower} where {percent(finding.signal.max_rate)} is tolerated"


def _reaches(log_e: float, threshold: float) -> str:
    return f"e-value {e_value(finite_e_value(log_e))} reaches {threshold:,.0f}"
