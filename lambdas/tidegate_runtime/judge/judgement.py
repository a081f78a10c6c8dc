"""What the judge answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from tidegate_runtime.judge.contest_numbers import ContestNumbers

Comparison = Literal["relative", "absolute"]
"""Against live, bucket by bucket; or against the tolerated rate, when no live variant takes traffic."""


class Verdict(StrEnum):
    """The answer to "what now?"."""

    #: The planned evidence is there and nothing speaks against the candidate; a promotion is proven.
    PASS = "PASS"  # noqa: S105 - a verdict, no password
    #: The candidate is worse than tolerated.
    FAIL = "FAIL"
    #: The time is up before the evidence sufficed.
    INCONCLUSIVE = "INCONCLUSIVE"
    #: The time is up and there was nothing to judge.
    NO_DATA = "NO_DATA"
    #: The time of a contest is up, and neither arm is shown to be better.
    NO_DIFFERENCE = "NO_DIFFERENCE"
    #: Nothing speaks against the candidate, the planned evidence is there, and its share should change.
    REWEIGH = "REWEIGH"
    #: Look again after the next bucket.
    CONTINUE = "CONTINUE"


Answer = tuple[Verdict, str]
"""A verdict and the sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEvidence:
    """The numbers behind a judgement, for one signal; `dataclasses.asdict` makes them JSON-safe.

    Counts and bounds cover the whole rollout where the candidate is compared with live, and the present step
    where it is held against its absolute tolerance.

    Args:
        name: The signal.
        e_value: Evidence that the candidate is worse than tolerated: 1 is none. Cut off at 1e300.
        threshold: The e-value at which this signal alone fails the candidate.
        live_requests: Requests of the live variant.
        live_bad: Bad ones among them.
        candidate_requests: Requests of the candidate.
        candidate_bad: Bad ones among them.
        candidate_lower: The candidate's rate is above this, at the level alpha over the number of signals.
        candidate_upper: The candidate's rate is below this, at the level alpha_promote.
        max_rate: The absolute tolerance.
        max_ratio: The relative tolerance.

    """

    name: str
    e_value: float
    threshold: float
    live_requests: int
    live_bad: int
    candidate_requests: int
    candidate_bad: int
    candidate_lower: float
    candidate_upper: float
    max_rate: float
    max_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, one sentence that says why, and the numbers.

    Args:
        verdict: The verdict.
        reason: One sentence with the numbers that decided.
        signals: The evidence of each signal, in the order of the configuration.
        contest: How the step's contest stands; None where there is none.

    """

    verdict: Verdict
    reason: str
    signals: tuple[SignalEvidence, ...]
    contest: ContestNumbers | None = None
