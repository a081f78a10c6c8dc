"""The compatibility rules about numbers and names, asked of one declaration."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from tidegate import instance_families as families
from tidegate._compatibility_terms import Feature, Mode
from tidegate._rulebook_hosting import (
    LONGEST_NAME,
    MEMORY_STEP_MB,
    MOST_SERVERLESS_CONCURRENCY,
    MOST_VARIANTS,
    SERVERLESS_MEMORY_MB,
)
from tidegate.compatibility_numbers import RULES, reason
from tidegate.compatibility_rules import LIMITS


class Severity(Enum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says of a declaration.

    Attributes:
        rule: Stable id of the rule, for example `serverless/vpc` or `name-length`.
        severity: ERROR is refused; WARNING can be acknowledged by its rule; NOTE is a condition.
        reason: Why, in one clause.
        source: The AWS page or the thread that says so.

    """

    rule: str
    severity: Severity
    reason: str
    source: str

    def __str__(self) -> str:
        return f"{self.reason} [{self.rule}: {self.source}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The instances of one variant: its name, its instance type, and how many there are at the start."""

    name: str
    instance_type: str
    instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessSize:
    """The size of a serverless variant: memory in MB and concurrent requests."""

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int | None = None


def broken(rule: str, text: str) -> Finding:
    """Return the finding that a rule of the rule book is broken.

    Raises:
        LookupError: the rule book has no such rule.

    """
    found = RULES[rule]
    return Finding(
        rule=rule, severity=Severity(found.severity), reason=reason(rule, text), source=found.source
    )


def check_names(given: Mapping[str, str]) -> Iterator[Finding]:
    """Check the lengths of names, by field."""
    for field, name in given.items():
        if len(name) > LONGEST_NAME:
            text = f"{field} must be at most {LONGEST_NAME} characters, got {len(name)}: {name!r}"
            yield broken("name-length", text)


def check_fleets(given: Sequence[Fleet], features: frozenset[Feature]) -> Iterator[Finding]:
    """Check the instance types and counts of the variants."""
    if len(given) > MOST_VARIANTS:
        yield broken("variant-count", f"variants must be 1 to {MOST_VARIANTS}, got {len(given)}")
    for fleet in given:
        yield from check_accelerator(fleet.instance_type)
        if Feature.AUTOSCALING in features:
            yield from check_scaled_type(fleet.instance_type)
        if Feature.VOLUME_KEY in features and families.has_local_disk(fleet.instance_type):
            text = f"kms_key cannot encrypt the local disk of {fleet.instance_type} ({fleet.name!r})"
            yield broken("volume-key-local-disk", text)
        if fleet.instances == 1:
            text = f"variant {fleet.name!r} starts with one instance, and nothing serves when it fails"
            yield broken("one-instance", text)


def check_accelerator(given: str) -> Iterator[Finding]:
    """Check that an instance type or accelerator is not Elastic Inference's."""
    if families.is_elastic_inference(given):
        text = (
            f"Elastic Inference is retired, got {given}; use Inferentia (ml.inf2), a small GPU (ml.g4dn, "
            "ml.g5), or inference components that share one"
        )
        yield broken("elastic-inference-retired", text)


def check_scaled_type(instance_type: str) -> Iterator[Finding]:
    """Check that an instance type can be scaled."""
    if families.is_burstable(instance_type):
        yield broken("burstable-scaling", f"burstable instance types cannot be scaled, got {instance_type}")


def check_serverless(size: ServerlessSize) -> Iterator[Finding]:
    """Check the size of a serverless variant."""
    least, most = SERVERLESS_MEMORY_MB
    if not least <= size.memory_mb <= most or size.memory_mb % MEMORY_STEP_MB:
        text = f"memory_mb must be {least} to {most} in steps of {MEMORY_STEP_MB}, got {size.memory_mb}"
        yield broken("serverless-memory", text)
    if not 1 <= size.max_concurrency <= MOST_SERVERLESS_CONCURRENCY:
        text = f"max_concurrency must be 1 to {MOST_SERVERLESS_CONCURRENCY}, got {size.max_concurrency}"
        yield broken("serverless-concurrency", text)
    provisioned = size.provisioned_concurrency
    if provisioned is not None and not 1 <= provisioned <= size.max_concurrency:
        text = (
            f"provisioned_concurrency must be 1 to max_concurrency ({size.max_concurrency}), "
            f"got {provisioned}"
        )
        yield broken("serverless-provisioned-concurrency", text)


def check_request(
    mode: Mode, payload_mb: float | None, processing_seconds: float | None
) -> Iterator[Finding]:
    """Check one request against the limits of the kind."""
    limits = LIMITS[mode]
    if payload_mb is not None and payload_mb > limits.payload_mb:
        text = f"a payload is at most {limits.payload_mb:g} MB, got {payload_mb:g}"
        yield _beyond(mode, "payload-size", text, limits.payload_source)
    if processing_seconds is not None and processing_seconds > limits.processing_seconds:
        text = f"a request is processed within {limits.processing_seconds} s, got {processing_seconds:g}"
        yield _beyond(mode, "processing-time", text, limits.processing_source)


def _beyond(mode: Mode, rule: str, text: str, source: str) -> Finding:
    return Finding(rule=f"{mode.value}/{rule}", severity=Severity.ERROR, reason=text, source=source)
