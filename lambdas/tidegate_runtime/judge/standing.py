"""How a contest stands at one look, in numbers."""

import math
from dataclasses import dataclass
from functools import cached_property

from tidegate_runtime.judge import bandit
from tidegate_runtime.judge.contest_counts import exposed_of, rewards_of
from tidegate_runtime.judge.contest_evidence import ContestEvidence
from tidegate_runtime.judge.contest_numbers import ContestNumbers
from tidegate_runtime.judge.contest_rule import ContestRule
from tidegate_runtime.judge.contest_tests import (
    log_e_fewer,
    log_e_more,
    log_ratio,
    log_ratio_interval,
)
from tidegate_runtime.judge.findings import finite_e_value
from tidegate_runtime.judge.sample_ratio import log_e_split

INTERVAL_ALPHA = 0.05
"""The interval of the ratio holds with 95 %, at all looks together."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a contest stands.

    Args:
        evidence: What was counted.
        rule: What the contest is about.

    """

    evidence: ContestEvidence
    rule: ContestRule

    @cached_property
    def numbers(self) -> ContestNumbers:
        """The numbers for the ledger."""
        shares = self.evidence.shares
        exposed, rewards = exposed_of(shares), rewards_of(shares)
        more, fewer = log_e_more(shares), log_e_fewer(shares)
        win, lose = (more, fewer) if self.rule.better == "more" else (fewer, more)
        lower, upper = log_ratio_interval(shares, alpha=INTERVAL_ALPHA)
        floor = self.rule.floor_percent
        return ContestNumbers(
            share_percent=self.evidence.share_percent,
            live_requests=exposed.live,
            live_rewards=rewards.live,
            candidate_requests=exposed.candidate,
            candidate_rewards=rewards.candidate,
            e_win=finite_e_value(win),
            e_lose=finite_e_value(lose),
            e_split=finite_e_value(log_e_split(shares)),
            threshold=self.rule.threshold,
            ratio=_exp(log_ratio(shares)),
            ratio_lower=_exp(lower),
            ratio_upper=_exp(upper),
            best=None if floor is None else bandit.best_probability(shares, better=self.rule.better),
            target_percent=(
                None
                if floor is None
                else bandit.target_percent(shares, better=self.rule.better, floor_percent=floor)
            ),
        )

    @property
    def split_is_wrong(self) -> bool:
        """Whether the requests are not split as it was set."""
        return self.numbers.e_split >= self.numbers.threshold

    @property
    def lost(self) -> bool:
        """Whether the challenger is worse."""
        return self.numbers.e_lose >= self.numbers.threshold

    @property
    def won(self) -> bool:
        """Whether the challenger is better; nobody wins against an arm for which nothing was ever counted."""
        return self.numbers.e_win >= self.numbers.threshold and not self.silent

    @property
    def silent(self) -> str:
        """The variants without any reward, in words; empty when both have some."""
        found = {"live": self.numbers.live_rewards, "candidate": self.numbers.candidate_rewards}
        return " and ".join(name for name, rewards in found.items() if not rewards)

    @property
    def moves_to(self) -> int | None:
        """The share that the traffic should move to now; None while it stays."""
        target = self.numbers.target_percent
        due = self.evidence.seconds >= self.rule.reweigh_seconds
        return target if due and target != self.evidence.share_percent else None


def _exp(log: float | None) -> float | None:
    return None if log is None else math.exp(log)
