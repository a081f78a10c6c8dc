"""What the judge remembers between two looks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tidegate_runtime.judge import codec
from tidegate_runtime.judge.config import JudgeConfig, Signal
from tidegate_runtime.judge.contest_evidence import ContestEvidence
from tidegate_runtime.judge.counts import Bucket, Tally
from tidegate_runtime.judge.intervals import Intervals, covers, insert
from tidegate_runtime.judge.rate_ratio import BETTER, WORSE, log_factors
from tidegate_runtime.judge.special import log_mean_exp

Logs = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Evidence about one candidate, from any number of buckets, steps and weights. Immutable.

    Args:
        config: The configuration it is collected under.
        total: Counts since the beginning.
        step: Counts since `begin_step`.
        worse: Per signal, log-likelihoods that the candidate is worse than tolerated, one per alternative.
        better: Per signal, log-likelihoods that the candidate is better than the promotion margin.
        step_worse: As `worse`, from the buckets since `begin_step` alone.
        contest: What was counted in this step's contest; None where there is none.
        seen: Time already counted; a bucket within it counts no second time, in whatever order buckets come.

    Example:
        >>> config = JudgeConfig(signals=(Signal("5xx", "Invocation5XXErrors"),))
        >>> evidence = Evidence.empty(config).begin_step()
        >>> Evidence.from_json(evidence.to_json(), config) == evidence
        True

    """

    config: JudgeConfig
    total: Tally
    step: Tally
    worse: Logs
    better: Logs
    step_worse: Logs
    contest: ContestEvidence | None = None
    seen: Intervals = ()

    @classmethod
    def empty(cls, config: JudgeConfig) -> "Evidence":
        """Return the evidence before the first bucket."""
        none = Tally.empty(config.names)
        nothing = _nothing(config, WORSE)
        return cls(
            config=config,
            total=none,
            step=none,
            worse=nothing,
            better=_nothing(config, BETTER),
            step_worse=nothing,
        )

    def add(self, bucket: Bucket) -> "Evidence":
        """Return the evidence with one more bucket, or the same evidence if that time is counted already.

        Raises:
            ValueError: The bucket lacks a signal, or overlaps counted time without lying within it.

        """
        end = bucket.start + bucket.seconds
        if covers(self.seen, bucket.start, end):
            return self
        total, step = self.total.plus(bucket), self.step.plus(bucket)
        worse = {s.name: self._factors(WORSE, s.max_ratio, s, bucket) for s in self.config.signals}
        margin = self.config.margin
        better = {s.name: self._factors(BETTER, margin(s), s, bucket) for s in self.config.signals}
        return replace(
            self,
            total=total,
            step=step,
            worse=_grown(self.worse, worse),
            better=_grown(self.better, better),
            step_worse=_grown(self.step_worse, worse),
            contest=None if self.contest is None else self.contest.add(bucket),
            seen=insert(self.seen, bucket.start, end),
        )

    def begin_step(self, *, contest_percent: int | None = None) -> "Evidence":
        """Return the evidence at the start of a new step: what is the step's own is zero, all else is kept.

        Args:
            contest_percent: The candidate's share, if the step is a contest.

        """
        contest = None if contest_percent is None else ContestEvidence.begin(contest_percent)
        return replace(
            self,
            step=Tally.empty(self.config.names),
            step_worse=_nothing(self.config, WORSE),
            contest=contest,
        )

    def repeat_step(self) -> "Evidence":
        """Return the evidence at the start of the same step once more: also a contest begins again."""
        share = None if self.contest is None else self.contest.share_percent
        return self.begin_step(contest_percent=share)

    def reweighed(self, share_percent: int) -> "Evidence":
        """Return the evidence of the same step under another share: nothing that was counted is lost.

        Raises:
            ValueError: The step is no contest.

        """
        if self.contest is None:
            raise ValueError("only the share of a contest changes within its step")
        return replace(self, contest=self.contest.reweighed(share_percent))

    @property
    def step_requests(self) -> int:
        """Candidate requests counted in this step."""
        return self.step.candidate.requests

    @property
    def step_seconds(self) -> int:
        """Observed time of this step: its counted buckets times their length."""
        return self.step.seconds

    def log_e_worse(self, name: str) -> float:
        """Return the log e-value against "never worse than `max_ratio` times live"."""
        return log_mean_exp(self.worse[name])

    def step_log_e_worse(self, name: str) -> float:
        """Return the same from this step alone: what earlier ones have shown in favour hides nothing."""
        return log_mean_exp(self.step_worse[name])

    def log_e_better(self, name: str) -> float:
        """Return the log e-value against "always at least as bad as the promotion margin"."""
        return log_mean_exp(self.better[name])

    def to_json(self) -> dict[str, object]:
        """Return the evidence as JSON-safe values."""
        return {
            "total": codec.tally_to_json(self.total),
            "step": codec.tally_to_json(self.step),
            "signals": {s.name: self._signal_to_json(s) for s in self.config.signals},
            "seen": [list(interval) for interval in self.seen],
            **({} if self.contest is None else {"contest": self.contest.to_json()}),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, object], config: JudgeConfig) -> "Evidence":
        """Return the evidence that `to_json` wrote.

        Raises:
            ValueError: The document is no such evidence, or was collected for other signals, tolerated ratios
                or margins, so that its likelihoods mean something else.

        """
        reader = codec.Reader(document)
        signals = {s.name: reader.signal(s.name, codec.fingerprint(config, s)) for s in config.signals}
        reader.refuse_signals_other_than(config.names)
        return cls(
            config=config,
            total=reader.tally("total", config.names),
            step=reader.tally("step", config.names),
            worse={name: signal.floats("worse", len(WORSE)) for name, signal in signals.items()},
            better={name: signal.floats("better", len(BETTER)) for name, signal in signals.items()},
            step_worse={name: signal.floats("step_worse", len(WORSE)) for name, signal in signals.items()},
            contest=(
                ContestEvidence.from_json(reader.part("contest").document)
                if document.get("contest") is not None
                else None
            ),
            seen=reader.intervals("seen"),
        )

    def _signal_to_json(self, signal: Signal) -> dict[str, object]:
        logs = {"worse": self.worse, "better": self.better, "step_worse": self.step_worse}
        plain = {name: list(log[signal.name]) for name, log in logs.items()}
        return {**codec.fingerprint(self.config, signal), **plain}

    def _factors(
        self, tilts: tuple[float, ...], ratio: float, signal: Signal, bucket: Bucket
    ) -> tuple[float, ...]:
        return log_factors(
            tilts,
            ratio=ratio,
            candidate_requests=bucket.candidate.requests,
            candidate_bad=bucket.candidate.bad[signal.name],
            live_requests=bucket.live.requests,
            live_bad=bucket.live.bad[signal.name],
            paired=self.config.paired,
        )


def _nothing(config: JudgeConfig, tilts: tuple[float, ...]) -> Logs:
    return dict.fromkeys(config.names, (0.0,) * len(tilts))


def _grown(logs: Logs, factors: Logs) -> Logs:
    return {
        name: tuple(log + factor for log, factor in zip(known, factors[name], strict=True))
        for name, known in logs.items()
    }
