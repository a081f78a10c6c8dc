"""The judge's evidence as the ledger records it, for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

_LARGE = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The evidence of all signals together, which decides.

    Attributes:
        e_value: Mean of the signals' e-values; 1 is no evidence that the candidate is worse.
        threshold: Where the judge fails the candidate: 1/alpha.

    """

    e_value: float
    threshold: float

    @classmethod
    def of(cls, signals: Sequence[Mapping[str, Any]]) -> Self | None:
        """Combine the signals of one judgement; None without any."""
        if not signals:
            return None
        total = sum(float(signal["e_value"]) for signal in signals)
        # A signal's own threshold is K/alpha for K signals.
        return cls(e_value=total / len(signals), threshold=float(signals[0]["threshold"]) / len(signals))


def evidence_line(signals: Sequence[Mapping[str, Any]]) -> str:
    """Say in a line how far the evidence is, and the counts behind it; empty without signals."""
    evidence = Evidence.of(signals)
    if evidence is None:
        return ""
    names: dict[str, list[str]] = {}
    for signal in signals:
        names.setdefault(_counts(signal), []).append(str(signal["name"]))
    counts = "; ".join(f"{' and '.join(same)}: {text}" for text, same in names.items())
    return f"e-value {number(evidence.e_value)} of {number(evidence.threshold)} to fail; {counts}"


def number(value: float) -> str:
    """Return an e-value with three digits, or `over 1,000,000`."""
    return f"over {_LARGE:,.0f}" if value >= _LARGE else f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _counts(signal: Mapping[str, Any]) -> str:
    candidate = f"candidate {signal['candidate_bad']:,} bad of {signal['candidate_requests']:,}"
    return f"{candidate}, live {signal['live_bad']:,} of {signal['live_requests']:,}"
