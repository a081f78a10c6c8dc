"""What a rehearsal of a pipeline found out."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate_cli.rehearsal.result import Check, Span
from tidegate_cli.rehearsal_pipeline.executions import ExecutionTold


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the story.

    Attributes:
        title: What was to be shown, in a few words.
        seconds: How long it took, real.
        checks: What had to be true at its end.

    """

    title: str
    seconds: float
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether everything was as it should be."""
        return all(check.ok for check in self.checks)

    @property
    def found(self) -> str:
        """What was found, in a line: the first thing that was wrong, or everything."""
        wrong = [check for check in self.checks if not check.ok]
        shown = wrong[:1] or self.checks
        return "; ".join(f"{check.what}: {check.found}" if wrong else check.found for check in shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An approval that the rehearsal gave: where, and the text that it was asked with."""

    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRehearsal:
    """Everything that the table and the report show.

    Attributes:
        parts: In the order in which they were played.
        executions: Of both pipelines, in order of their start.
        decisions: Approvals that were given.
        spans: The steps of the rehearsal.
        requests: Requests of the traffic, by endpoint.
        failed_requests: Those of them that were not answered.
        scale: Cloud seconds in a real second.
        epoch0: Real epoch seconds at which the cloud clock started.
        began: Real epoch seconds.
        ended: The same.
        command: The command line.
        versions: Versions of the programs.

    """

    parts: tuple[Part, ...]
    executions: tuple[ExecutionTold, ...]
    decisions: tuple[Decision, ...]
    spans: tuple[Span, ...]
    requests: Mapping[str, int]
    failed_requests: int
    scale: float
    epoch0: float
    began: float
    ended: float
    command: str
    versions: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether every part went as it should."""
        return all(part.ok for part in self.parts)

    @property
    def headline(self) -> str:
        """How it ended, in a sentence."""
        seconds = self.ended - self.began
        if not self.ok:
            wrong = [part.title for part in self.parts if not part.ok]
            return f"The rehearsal failed: {'; '.join(wrong)}."
        return (
            "The rehearsal passed: the pipeline updated itself and deployed dev, staging and production, "
            "one model went through all three, a bad commit and a bad model were stopped "
            f"({seconds:.0f} s in all)."
        )
