"""The verdict on one look at the evidence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate_runtime.judge import contest_assess, reasons
from tidegate_runtime.judge.config import JudgeConfig, Requirement
from tidegate_runtime.judge.contest_rule import ContestRule
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.findings import Finding
from tidegate_runtime.judge.judgement import Answer, Comparison, Judgement, Verdict
from tidegate_runtime.judge.special import log_mean_exp
from tidegate_runtime.judge.standing import Standing


def assess(
    evidence: Evidence,
    config: JudgeConfig,
    requirement: Requirement,
    *,
    compare: Comparison,
    promotion: bool,
    contest: ContestRule | None = None,
) -> Judgement:
    """Judge the candidate by all buckets counted so far; may be called after every bucket, for ever.

    Args:
        evidence: Everything counted so far.
        config: The configuration that the evidence was collected under.
        requirement: The evidence that this step needs.
        compare: "relative": against live, bucket by bucket. "absolute": against `max_rate`, for when no live
            variant takes traffic.
        promotion: True at the last step: a PASS then also needs proof, for every signal, that the candidate
            is within its absolute tolerance or better than the promotion margin.
        contest: What the step's contest is about: it passes when the challenger wins, and fails when it
            loses; None for a step that is none.

    Returns:
        FAIL as soon as the evidence suffices; PASS when the planned evidence is there; NO_DATA or
        INCONCLUSIVE when no further bucket fits into `max_seconds`; CONTINUE until then. Of a contest also
        REWEIGH, and NO_DIFFERENCE when its time is up.

    Raises:
        ValueError: The evidence was collected under another configuration, or not in a contest, or `compare`
            is unknown.

    """
    if evidence.config != config:
        raise ValueError(f"config must be the one of the evidence, got {config} for {evidence.config}")
    if compare not in ("relative", "absolute"):
        raise ValueError(f"compare must be 'relative' or 'absolute', got {compare!r}")
    look = _Look(evidence, config, requirement, compare, _findings(evidence, config, compare))
    standing = None if contest is None else _standing(evidence, contest)
    verdict, reason = look.failure() or look.doubted(
        look.contested(standing)
        if standing is not None
        else look.success(promotion=promotion) or look.waiting()
    )
    return Judgement(
        verdict=verdict,
        reason=reason,
        signals=tuple(finding.report(config) for finding in look.findings),
        contest=None if standing is None else standing.numbers,
    )


def _standing(evidence: Evidence, contest: ContestRule) -> Standing:
    if evidence.contest is None:
        raise ValueError("the evidence of a contest must have been collected in one")
    return Standing(evidence=evidence.contest, rule=contest)


def _findings(evidence: Evidence, config: JudgeConfig, compare: Comparison) -> tuple[Finding, ...]:
    find = Finding.relative if compare == "relative" else Finding.absolute
    return tuple(find(evidence, signal) for signal in config.signals)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the evidence."""

    evidence: Evidence
    config: JudgeConfig
    requirement: Requirement
    compare: Comparison
    findings: Sequence[Finding]

    @property
    def requests(self) -> int:
        """Candidate requests of this step that count: only those that could be compared, if compared."""
        step = self.evidence.step
        return step.compared if self.compare == "relative" else step.candidate.requests

    @property
    def is_planned_evidence_there(self) -> bool:
        """Nothing passes without data, whatever the plan says."""
        needed = max(1, self.requirement.min_requests)
        return self.requests >= needed and self.evidence.step_seconds >= self.requirement.min_seconds

    @property
    def is_time_up(self) -> bool:
        """Tell whether no further bucket fits."""
        return self.evidence.step_seconds + self.requirement.bucket_seconds > self.requirement.max_seconds

    def failure(self) -> Answer | None:
        """Fail when the mean of all signals' e-values reaches 1/alpha.

        The mean of e-values is an e-value under any dependence. It reaches 1/alpha at the latest when one of
        K signals reaches K/alpha by itself.
        """
        log_e = log_mean_exp([finding.log_e_worse for finding in self.findings])
        if log_e < -math.log(self.config.alpha):
            return None
        guilty = [finding for finding in self.findings if finding.log_e_worse > 0]
        return Verdict.FAIL, reasons.failed(guilty, log_e, self.config, self.compare)

    def doubted(self, answer: Answer) -> Answer:
        """Return the answer, but let nothing go on while this step alone would fail the candidate.

        What it has shown before in its own favour, or beside a live that was as bad, counts in the comparison
        and would hide for a while that it is worse now.
        """
        if self.compare == "absolute" or answer[0] not in (Verdict.PASS, Verdict.REWEIGH):
            return answer
        findings = [Finding.of_step(self.evidence, signal) for signal in self.config.signals]
        log_e = log_mean_exp([finding.log_e_worse for finding in findings])
        if log_e < -math.log(self.config.alpha):
            return answer
        guilty = [finding for finding in findings if finding.log_e_worse > 0]
        said = reasons.failed(guilty, log_e, self.config, self.compare)
        verdict = Verdict.INCONCLUSIVE if self.is_time_up else Verdict.CONTINUE
        return verdict, f"in this step alone, {said}"

    def success(self, *, promotion: bool) -> Answer | None:
        """Pass a step on planned evidence, a promotion on proof for every signal besides."""
        if not self.is_planned_evidence_there:
            return None
        if not promotion:
            return Verdict.PASS, reasons.step_passed(self.requests, self.evidence.step_seconds)
        proof = self.proof()
        return None if proof is None else (Verdict.PASS, proof)

    def proof(self) -> str | None:
        """Say why every signal allows the promotion, or return None."""
        proofs = [(f.signal.name, _proof(f, self.config)) for f in self.findings]
        said = [(name, proof) for name, proof in proofs if proof is not None]
        return reasons.grouped(said) if len(said) == len(proofs) else None

    def contested(self, standing: Standing) -> Answer:
        """Decide a contest: a loss at any look, a win and another split on planned evidence only."""
        decided = contest_assess.at_any_look(standing)
        if decided is not None:
            return decided
        if not self.is_planned_evidence_there:
            return self.waiting()
        return contest_assess.with_planned_evidence(
            standing, time_is_up=self.is_time_up, seconds=self.evidence.step_seconds, proof=self.proof
        )

    def waiting(self) -> Answer:
        """Say what is missing, and whether there is time left for it."""
        seconds = self.evidence.step_seconds
        if self.is_time_up and not self.requests:
            return Verdict.NO_DATA, reasons.no_data(seconds, self.evidence.step_requests)
        verdict = Verdict.INCONCLUSIVE if self.is_time_up else Verdict.CONTINUE
        if not self.is_planned_evidence_there:
            return verdict, reasons.planned(self.requests, seconds, self.requirement)
        missing = [f for f in self.findings if _proof(f, self.config) is None]
        after = f" after {seconds:,} s" if self.is_time_up else ""
        said = [(f.signal.name, reasons.undecided(f, self.config)) for f in missing]
        return verdict, reasons.grouped(said) + after


def _proof(finding: Finding, config: JudgeConfig) -> str | None:
    """Say why one signal allows the promotion, or return None."""
    enough = -math.log(config.alpha_promote)
    if finding.log_e_below >= enough:
        return reasons.below_tolerance(finding, config)
    return reasons.better_than_margin(finding, config) if finding.log_e_better >= enough else None
