"""One signal's evidence at one look, for the comparison at hand."""

import math
from dataclasses import dataclass

from tidegate_runtime.judge import bounds
from tidegate_runtime.judge.config import JudgeConfig, Signal
from tidegate_runtime.judge.counts import Tally
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.judgement import SignalEvidence

# JSON knows no infinity, and an e-value can pass the largest float.
_LARGEST_LOG_E = math.log(1e300)


def finite_e_value(log_e: float) -> float:
    """Return the e-value as a finite number, cut off at 1e300."""
    return math.exp(min(log_e, _LARGEST_LOG_E))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Evidence about one signal.

    Args:
        signal: The signal.
        tally: The counts that this comparison rests on.
        log_e_worse: Log e-value that the candidate is worse than tolerated.
        log_e_better: Log e-value that its rate is below the promotion margin times live's.

    """

    signal: Signal
    tally: Tally
    log_e_worse: float
    log_e_better: float

    @classmethod
    def relative(cls, evidence: Evidence, signal: Signal) -> "Finding":
        """Return the finding of a comparison with live, over the whole rollout."""
        return cls(
            signal=signal,
            tally=evidence.total,
            log_e_worse=evidence.log_e_worse(signal.name),
            log_e_better=evidence.log_e_better(signal.name),
        )

    @classmethod
    def of_step(cls, evidence: Evidence, signal: Signal) -> "Finding":
        """Return the finding of a comparison with live, over this step alone."""
        return cls(
            signal=signal,
            tally=evidence.step,
            log_e_worse=evidence.step_log_e_worse(signal.name),
            log_e_better=-math.inf,
        )

    @classmethod
    def absolute(cls, evidence: Evidence, signal: Signal) -> "Finding":
        """Return the finding against the absolute tolerance, over this step alone.

        Requests of earlier steps would hide a candidate that breaks only under full load. For the same reason
        what earlier steps showed about the margin counts only while this step's rate is within the tolerance.
        """
        tally = evidence.step
        bad, requests = tally.candidate.bad[signal.name], tally.candidate.requests
        within = bad <= signal.max_rate * requests
        return cls(
            signal=signal,
            tally=tally,
            log_e_worse=bounds.log_evidence_above(bad, requests, signal.max_rate, horizon=_horizon(signal)),
            log_e_better=evidence.log_e_better(signal.name) if within else -math.inf,
        )

    @property
    def bad(self) -> int:
        """Bad requests of the candidate."""
        return self.tally.candidate.bad[self.signal.name]

    @property
    def requests(self) -> int:
        """Requests of the candidate."""
        return self.tally.candidate.requests

    @property
    def live_bad(self) -> int:
        """Bad requests of the live variant."""
        return self.tally.live.bad[self.signal.name]

    @property
    def log_e_below(self) -> float:
        """Log e-value that the candidate's rate is below its absolute tolerance."""
        return bounds.log_evidence_below(
            self.bad, self.requests, self.signal.max_rate, horizon=_horizon(self.signal)
        )

    def lower(self, alpha: float) -> float:
        """Return the always-valid lower bound of the candidate's rate."""
        return bounds.lower_bound(self.bad, self.requests, alpha=alpha, horizon=_horizon(self.signal))

    def upper(self, alpha: float) -> float:
        """Return the always-valid upper bound of the candidate's rate."""
        return bounds.upper_bound(self.bad, self.requests, alpha=alpha, horizon=_horizon(self.signal))

    def report(self, config: JudgeConfig) -> SignalEvidence:
        """Return the numbers for the ledger."""
        return SignalEvidence(
            name=self.signal.name,
            e_value=finite_e_value(self.log_e_worse),
            threshold=config.threshold,
            live_requests=self.tally.live.requests,
            live_bad=self.live_bad,
            candidate_requests=self.requests,
            candidate_bad=self.bad,
            candidate_lower=self.lower(1 / config.threshold),
            candidate_upper=self.upper(config.alpha_promote),
            max_rate=self.signal.max_rate,
            max_ratio=self.signal.max_ratio,
        )


def _horizon(signal: Signal) -> float:
    # Sharp early: a faultless candidate is shown to be below 1 % (at 5 %) after 322 requests.
    return 1 / signal.max_rate
