"""The judge of a rollout: compares the candidate with live, and with what is tolerated, at any time.

docs/judge.md says what it guarantees, under which assumptions, and what it does not cover.

Each part is imported from its own module: only one function of the controller judges, and the others
neither carry nor import more than what a plan says.

Example:
    >>> from tidegate_runtime.judge.assess import assess
    >>> from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal
    >>> from tidegate_runtime.judge.counts import Bucket, Counts
    >>> from tidegate_runtime.judge.evidence import Evidence
    >>> config = JudgeConfig(signals=(Signal("5xx", "Invocation5XXErrors"),))
    >>> bucket = Bucket(
    ...     start=0, seconds=60, live=Counts(1900, {"5xx": 0}), candidate=Counts(100, {"5xx": 9})
    ... )
    >>> judgement = assess(
    ...     Evidence.empty(config).begin_step().add(bucket),
    ...     config,
    ...     Requirement(min_requests=100, min_seconds=300, max_seconds=3600, bucket_seconds=60),
    ...     compare="relative",
    ...     promotion=False,
    ... )
    >>> judgement.verdict.value
    'FAIL'
    >>> judgement.reason
    '5xx: 9 of 100 candidate requests against 0 of 1,900 live; e-value over 1,000,000 reaches 100'

"""
