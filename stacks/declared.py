"""What a service declares, in the words of the compatibility table, and what the table refuses of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stacks.yaml_source import Place
from tidegate.compatibility import Feature, Finding, Fleet, Guardrail, Mode, Severity, check


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One service as the compatibility table sees it.

    Attributes:
        mode: Kind of inference.
        section: The hosting section of the file.
        features: What is wanted, and the field that wants it.
        fleets: The instances of each variant, by the place that declares them.
        guardrail: The native deployment policy.
        guardrail_at: The field that says so; `guardrails` of the section when None.
        models: How many models are hosted; None when the file does not say.
        requests_per_minute: The most that scaling holds; None when it does not say.
        concurrency: The most requests at once; None when nothing bounds them.
        implied: Features that come with the kind of service, without a field.

    """

    mode: Mode
    section: str
    features: Mapping[Feature, Place] = field(default_factory=dict)
    fleets: Mapping[Place, Fleet] = field(default_factory=dict)
    guardrail: Guardrail | None = None
    guardrail_at: Place | None = None
    models: int | None = 1
    requests_per_minute: float | None = None
    concurrency: int | None = None
    implied: frozenset[Feature] = frozenset()

    @property
    def wanted(self) -> frozenset[Feature]:
        """All features."""
        return self.implied | frozenset(self.features)

    def refusals(self) -> Iterator[tuple[Place, str]]:
        """Yield what the table refuses: the field, and why."""
        findings = check(self.mode, self.wanted, fleets=list(self.fleets.values()), guardrail=self.guardrail)
        for finding in findings:
            if finding.severity is Severity.ERROR:
                yield self._place(finding), str(finding)

    def _place(self, finding: Finding) -> Place:
        section = (self.section,)
        if "guardrail" in finding.rule or finding.rule.startswith("canary"):
            return self.guardrail_at if self.guardrail_at is not None else (*section, "guardrails")
        if finding.rule == "volume-key-local-disk":
            return self.features.get(Feature.VOLUME_KEY, section)
        named = finding.rule.rpartition("/")[2].split("+")
        found = [place for feature, place in self.features.items() if feature.value in named]
        return found[0] if found else section
