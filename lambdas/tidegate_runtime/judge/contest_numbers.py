"""What is told, and recorded, of a contest at one look."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestNumbers:
    """The numbers behind a judgement of a contest; `dataclasses.asdict` makes them JSON-safe.

    Args:
        share_percent: The challenger's share.
        live_requests: Requests of the champion whose rewards are counted, under all shares.
        live_rewards: Their rewards.
        candidate_requests: The same of the challenger.
        candidate_rewards: Their rewards.
        e_win: Evidence that the challenger is better: 1 is none. Cut off at 1e300.
        e_lose: Evidence that it is worse.
        e_split: Evidence that the requests were not split as it was set.
        threshold: The e-value at which one of these three is certain enough.
        ratio: The challenger's rate of rewards over the champion's; None while one has none.
        ratio_lower: The true ratio is above this, with 95 % at all looks together; None: no bound yet.
        ratio_upper: The true ratio is below this; None: no bound yet.
        best: Probability that the challenger is the better arm, as a bandit sees it; None without a bandit.
        target_percent: The share that the bandit wants for it; None without a bandit, and before there is
            enough.

    """

    share_percent: int
    live_requests: int
    live_rewards: int
    candidate_requests: int
    candidate_rewards: int
    e_win: float
    e_lose: float
    e_split: float
    threshold: float
    ratio: float | None
    ratio_lower: float | None
    ratio_upper: float | None
    best: float | None
    target_percent: int | None
