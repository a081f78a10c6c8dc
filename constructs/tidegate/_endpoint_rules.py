"""What an endpoint of instances refuses: all of it comes from the compatibility table."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from aws_cdk import Annotations
from constructs import Construct

from tidegate._compatibility_guardrail import check_guardrail
from tidegate._compatibility_values import check_fleets
from tidegate._guardrail_alarms import check_alarms_of
from tidegate._model_features import instance_mode, model_features
from tidegate._retention import check_retained
from tidegate._rulebook_hosting import METRICS_FREQUENCIES_SECONDS
from tidegate._validation import Faults
from tidegate.compatibility import Feature, Finding, Fleet, Mode, Severity, check
from tidegate.deployment_guardrails import DeploymentGuardrails
from tidegate.instance_families import family
from tidegate.instance_variant import InstanceVariant
from tidegate.variant_property import VariantProperty


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointShape:
    """All of an endpoint of instances that the compatibility rules ask about.

    Attributes:
        variants: The production variants.
        endpoint_name: Name of the endpoint; None when CloudFormation chooses it.
        asynchronous: Whether requests are queued; else the models decide which kind it is.
        features: What is wanted of the endpoint beside its models and instances.
        frequency: Pace of the metrics in seconds; SageMaker's default when None.
        guardrails: The native deployment policy.
        retained: The variant properties that deploys keep; the default when None.
        shadow: The shadow variant.

    """

    variants: Sequence[InstanceVariant]
    endpoint_name: str | None
    asynchronous: bool
    features: Collection[Feature]
    frequency: int | None
    guardrails: DeploymentGuardrails | None
    retained: Collection[VariantProperty] | None = None
    shadow: InstanceVariant | None = None

    @property
    def everyone(self) -> list[InstanceVariant]:
        """The production variants and the shadow."""
        return [*self.variants, *([self.shadow] if self.shadow is not None else [])]

    def mode(self, variant: InstanceVariant) -> Mode:
        """Return the kind of inference of one variant."""
        return Mode.ASYNC if self.asynchronous else instance_mode(variant.model.traits)

    def findings(self) -> list[Finding]:
        """Return what the table says, each finding once."""
        modes = dict.fromkeys(self.mode(variant) for variant in self.everyone)
        return list(dict.fromkeys(found for mode in modes for found in self._of_mode(mode)))

    def _of_mode(self, mode: Mode) -> Iterator[Finding]:
        wanted = set(self.features)
        if self.shadow is not None:
            wanted.add(Feature.SHADOW)
        for variant in self.everyone:
            if self.mode(variant) is mode:
                wanted |= model_features(variant.model)
        types = [one for variant in self.everyone for one in variant.instance_types]
        if any(family(one) == "inf1" for one in types):
            wanted.add(Feature.INF1)
        if len(types) > len(self.everyone):
            wanted.add(Feature.INSTANCE_POOLS)
        policy = self.guardrails.policy if self.guardrails is not None else None
        yield from check(mode, wanted, fleets=fleets(self.variants), guardrail=policy)
        for variant in self.everyone:
            for fleet in fleets([variant], types=variant.instance_types[1:]):
                yield from check_fleets([fleet], frozenset(wanted))


def check_endpoint(endpoint: Construct, shape: EndpointShape) -> None:
    """Refuse what SageMaker would refuse, ignore or downgrade, and warn of what works and should not be.

    `Annotations.of(endpoint).acknowledge_warning(id)` accepts a warning.

    Raises:
        ValueError: naming every fault at once, with the rule, the reason and the source.

    """
    faults = Faults("endpoint" if shape.endpoint_name is None else f"endpoint {shape.endpoint_name!r}")
    if shape.endpoint_name is not None:
        faults.require_endpoint_name(shape.endpoint_name)
    _check_variants(faults, shape)
    check_retained(faults, shape.retained)
    check_frequency(faults, shape.frequency)
    found = shape.findings()
    faults.add(found)
    if shape.guardrails is not None:
        faults.rule(
            "guardrail-endpoint-name",
            ok=shape.endpoint_name is not None,
            message="guardrails need an endpoint_name, got none",
        )
        check_alarms_of(
            faults,
            shape.guardrails.alarms,
            variants=len(shape.variants),
            metrics_frequency_seconds=shape.frequency,
            asynchronous=shape.asynchronous,
        )
    faults.raise_if_any()
    warn(endpoint, found)


def warn(endpoint: Construct, findings: Iterable[Finding]) -> None:
    """Warn of what works and should not be."""
    for finding in findings:
        if finding.severity is Severity.WARNING:
            Annotations.of(endpoint).add_warning_v2(f"tidegate:{finding.rule}", str(finding))


def check_frequency(faults: Faults, seconds: int | None) -> None:
    """Record a pace at which SageMaker does not publish metrics."""
    faults.rule(
        "metrics-frequency",
        ok=seconds is None or seconds in METRICS_FREQUENCIES_SECONDS,
        message=f"metrics_frequency_seconds must be one of {METRICS_FREQUENCIES_SECONDS}, got {seconds}",
    )


def check_scaled_fleet(guardrails: DeploymentGuardrails | None, variant: InstanceVariant, low: int) -> None:
    """Refuse scaling that may shrink the fleet below what a step of the guardrails needs.

    Raises:
        ValueError: naming every fault at once.

    """
    if guardrails is None:
        return
    faults = Faults("deployment guardrails at the smallest scaled fleet")
    smallest = [replace(fleet, instances=low) for fleet in fleets([variant])]
    faults.add(check_guardrail(guardrails.policy, smallest))
    faults.raise_if_any()


def fleets(variants: Sequence[InstanceVariant], *, types: Sequence[str] | None = None) -> list[Fleet]:
    """Return the instances of the variants, as the table asks about them; of other types where given."""
    return [
        Fleet(name=one.name, instance_type=instance_type, instances=one.initial_count)
        for one in variants
        for instance_type in (types if types is not None else [one.instance_type])
    ]


def _check_variants(faults: Faults, shape: EndpointShape) -> None:
    variants = shape.variants
    faults.rule("variant-count", ok=bool(variants), message="variants must be 1 to 10, got 0")
    names = [variant.name for variant in variants]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.rule("variant-names", ok=False, message=f"variants must differ in name, got {name!r} twice")
    faults.rule(
        "variant-names",
        ok=shape.shadow is None or shape.shadow.name not in names,
        message=f"shadow must differ in name from the variants, got {shape.shadow and shape.shadow.name!r}",
    )
    faults.rule(
        "variant-weights-zero",
        ok=not variants or any(variant.weight > 0 for variant in variants),
        message="at least one variant must have a weight above 0, got none",
    )
