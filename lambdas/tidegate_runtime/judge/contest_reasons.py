"""The sentences that explain a judgement of a contest, with the numbers that decided."""

from tidegate_runtime.judge.contest_numbers import ContestNumbers
from tidegate_runtime.judge.standing import Standing
from tidegate_runtime.judge.words import e_value, percent

_SIDES = {"more": ("more", "fewer"), "fewer": ("fewer", "more")}


def won(standing: Standing) -> str:
    """Say that the challenger has won: `the challenger has more rewards: 1,320 of 12,000 ...`."""
    return _decided(standing, _SIDES[standing.rule.better][0], standing.numbers.e_win)


def lost(standing: Standing) -> str:
    """Say that the challenger has lost."""
    return _decided(standing, _SIDES[standing.rule.better][1], standing.numbers.e_lose)


def split(standing: Standing) -> str:
    """Say that the requests were not split as it was set."""
    counted = sorted(standing.evidence.shares.items())
    found = "; ".join(
        f"{one.requests.candidate:,} of {one.requests.both:,} requests where {share} % were set"
        for share, one in counted
        if one.requests.both
    )
    return (
        f"the contest is invalid: the candidate got {found}; "
        f"e-value {e_value(standing.numbers.e_split)} reaches {standing.numbers.threshold:,.0f}"
    )


def undecided(standing: Standing) -> str:
    """Say how far the contest is."""
    numbers = standing.numbers
    return (
        f"{_counts(numbers)}; {_ratio(numbers)}; e-values {e_value(numbers.e_win)} for the challenger and "
        f"{e_value(numbers.e_lose)} against it, of {numbers.threshold:,.0f}"
    )


def reweigh(standing: Standing) -> str:
    """Say which share the bandit wants, and why."""
    numbers = standing.numbers
    return (
        f"from {numbers.share_percent} % to {numbers.target_percent} %: the challenger is the better arm "
        f"with a probability of {percent(numbers.best or 0.0)}; {_counts(numbers)}"
    )


def silent(standing: Standing, seconds: int) -> str:
    """Say for which arm no reward was ever counted."""
    return (
        f"no reward of {standing.silent} was counted in {seconds:,} s: is the metric published with both "
        "dimensions, EndpointName and VariantName?"
    )


def no_difference(standing: Standing, seconds: int) -> str:
    """Say that the time is up and neither has won."""
    numbers = standing.numbers
    return f"no difference in rewards is certain after {seconds:,} s: {_counts(numbers)}; {_ratio(numbers)}"


def _decided(standing: Standing, word: str, e: float) -> str:
    numbers = standing.numbers
    return (
        f"the challenger has {word} rewards: {_counts(numbers)}; {_ratio(numbers)}; "
        f"e-value {e_value(e)} reaches {numbers.threshold:,.0f}"
    )


def _counts(numbers: ContestNumbers) -> str:
    return (
        f"{numbers.candidate_rewards:,} for {numbers.candidate_requests:,} candidate requests, "
        f"{numbers.live_rewards:,} for {numbers.live_requests:,} live"
    )


def _ratio(numbers: ContestNumbers) -> str:
    if numbers.ratio is None:
        return "no ratio yet"
    low = "0" if numbers.ratio_lower is None else f"{numbers.ratio_lower:.3g}"
    high = "unbounded" if numbers.ratio_upper is None else f"{numbers.ratio_upper:.3g}"
    return f"ratio of the rates {numbers.ratio:.3g} ({low} to {high})"
