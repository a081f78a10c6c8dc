"""What the controller's parts cost, in US dollars, and how a rollout's use becomes a sum.

Prices of us-east-1 without free tiers, noted on 2026-11-21; look them up before you rely on them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PRICES: Final[Mapping[str, tuple[float, str, str]]] = {
    "state transition": (
        0.025 / 1_000,
        "of a standard workflow",
        "https://aws.amazon.com/step-functions/pricing/",
    ),
    "Lambda request": (0.20 / 1e6, "arm64", "https://aws.amazon.com/lambda/pricing/"),
    "Lambda GB-second": (0.0000133334, "arm64", "https://aws.amazon.com/lambda/pricing/"),
    "metric read": (0.01 / 1_000, "by GetMetricData", "https://aws.amazon.com/cloudwatch/pricing/"),
    "log GB": (0.50, "vended and Lambda logs", "https://aws.amazon.com/cloudwatch/pricing/"),
    "ledger read": (
        0.125 / 1e6,
        "unit of 4 kB, on demand",
        "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    ),
    "ledger write": (
        0.625 / 1e6,
        "unit of 1 kB, on demand",
        "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    ),
    "event": (1.00 / 1e6, "custom event", "https://aws.amazon.com/eventbridge/pricing/"),
    "trace": (5.00 / 1e6, "recorded", "https://aws.amazon.com/cloudwatch/pricing/"),
}

MEMORY_GB: Final = 0.5
CALL_SECONDS: Final = 0.12
"""Assumed time of a warm call besides its requests."""

REQUEST_SECONDS: Final = 0.04
"""Assumed time of one request to AWS within a call."""

COLD_START_SECONDS: Final = 0.6
"""Assumed time of an initialization, which is billed; one for each function in a rollout."""


@dataclass(slots=True)
class Use:
    """What one rollout has used, by the names of the price table."""

    amounts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def call(self, *, requests: int) -> None:
        """Count a call of a function that makes some requests to AWS."""
        self.amounts["Lambda request"] += 1
        self.seconds += CALL_SECONDS + REQUEST_SECONDS * requests

    def cold_starts(self, functions: int) -> None:
        """Count the initializations of some functions."""
        self.seconds += COLD_START_SECONDS * functions

    def costs(self) -> dict[str, float]:
        """Return the dollars of each part."""
        amounts = {**self.amounts, "Lambda GB-second": self.seconds * MEMORY_GB}
        return {name: amounts.get(name, 0) * price for name, (price, _, _) in PRICES.items()}

    def total(self) -> float:
        """Return the dollars of all."""
        return sum(self.costs().values())
