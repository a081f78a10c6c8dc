"""Whether live itself is beyond its tolerance: then a comparison with it is no praise."""

from tidegate_runtime.judge import bounds
from tidegate_runtime.judge.config import JudgeConfig, Signal
from tidegate_runtime.judge.counts import Counts
from tidegate_runtime.judge.evidence import Evidence


def broken_live(evidence: Evidence, config: JudgeConfig) -> str:
    """Say by which signals live was beyond its absolute tolerance in this step; empty when by none.

    The bound holds at every look: while live is within its tolerances, the chance that it is ever called
    broken in a step is at most `alpha`, whatever the traffic.

    Args:
        evidence: Everything counted so far; the counts of this step decide.
        config: The configuration that the evidence was collected under.

    """
    return "; ".join(filter(None, (_broken(evidence.step.live, signal, config) for signal in config.signals)))


def both_bad(evidence: Evidence, config: JudgeConfig) -> str:
    """Say by which signals live was beyond its tolerance and the candidate no better; empty when by none.

    A candidate whose own share of bad requests in this step is within the tolerance is better.
    """
    candidate = evidence.step.candidate
    shared = [
        (_broken(evidence.step.live, signal, config), candidate.bad[signal.name])
        for signal in config.signals
        if candidate.bad[signal.name] > signal.max_rate * candidate.requests
    ]
    return "; ".join(
        f"{broken}, candidate {bad:,} of {candidate.requests:,}" for broken, bad in shared if broken
    )


def _broken(live: Counts, signal: Signal, config: JudgeConfig) -> str:
    bad = live.bad[signal.name]
    if bad <= signal.max_rate * live.requests:
        return ""
    lower = bounds.lower_bound(bad, live.requests, alpha=1 / config.threshold, horizon=1 / signal.max_rate)
    if lower <= signal.max_rate:
        return ""
    return (
        f"{signal.name}: live {bad:,} bad of {live.requests:,}, "
        f"at least {100 * lower:.3g} % where {100 * signal.max_rate:.3g} % is tolerated"
    )
