"""Compatibility as code: what SageMaker would refuse, ignore or silently downgrade, known before a deploy.

One table (kinds of inference x variants, strategies and properties) and a few rules about numbers. The
refusals of the constructs, docs/compatibility.md, the advice and the tests come from it.

Example:
    >>> from tidegate.compatibility import Feature, Mode, check
    >>> [finding.rule for finding in check(Mode.SERVERLESS, {Feature.VPC})]
    ['serverless/vpc']

"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from tidegate import _compatibility_values as values
from tidegate import instance_families as families
from tidegate._compatibility_guardrail import Guardrail, check_guardrail
from tidegate._compatibility_terms import Cell, Feature, Mode, Row, Verdict
from tidegate._compatibility_values import Finding, Fleet, ServerlessSize, Severity
from tidegate.compatibility_rules import COMBINATIONS, LIMITS, TABLE, Limits

__all__ = [
    "COMBINATIONS",
    "LIMITS",
    "TABLE",
    "Cell",
    "Feature",
    "Finding",
    "Fleet",
    "Guardrail",
    "Limits",
    "Mode",
    "Row",
    "ServerlessSize",
    "Severity",
    "Verdict",
    "cell",
    "check",
    "check_table",
    "refuse",
]

_SEVERITY: Final[Mapping[Verdict, Severity | None]] = {
    Verdict.ALLOWED: None,
    Verdict.CONDITIONAL: Severity.NOTE,
    Verdict.FALLS_BACK: Severity.ERROR,
    Verdict.REFUSED: Severity.ERROR,
}


def cell(mode: Mode, feature: Feature) -> Cell:
    """Return the table's cell."""
    return TABLE[feature][mode]


def check(
    mode: Mode,
    features: Collection[Feature] = (),
    *,
    names: Mapping[str, str] | None = None,
    fleets: Sequence[Fleet] = (),
    serverless: ServerlessSize | None = None,
    guardrail: Guardrail | None = None,
    accelerator: str | None = None,
    payload_mb: float | None = None,
    processing_seconds: float | None = None,
    acknowledged: Collection[str] = (),
) -> list[Finding]:
    """Return what the rules say of a declaration; nothing when all of it is allowed.

    Args:
        mode: Kind of inference.
        features: What is wanted. Several variants, GPUs, Inferentia 1, provisioned concurrency and the
            guardrail's kind are added from the other arguments.
        names: Names by field, for their lengths.
        fleets: The instances of each production variant.
        serverless: Size of the serverless variant.
        guardrail: The native deployment policy.
        accelerator: An Elastic Inference accelerator, from an older declaration.
        payload_mb: Largest payload in MB.
        processing_seconds: Longest processing of one request in seconds.
        acknowledged: Rules whose warnings were read and accepted. Errors cannot be acknowledged.

    """
    wanted = frozenset(features) | _implied(fleets, serverless, guardrail)
    found = chain(
        check_table(mode, wanted),
        values.check_names(names if names is not None else {}),
        values.check_fleets(fleets, wanted),
        values.check_serverless(serverless) if serverless is not None else (),
        check_guardrail(guardrail, fleets) if guardrail is not None else (),
        values.check_accelerator(accelerator) if accelerator is not None else (),
        values.check_request(mode, payload_mb, processing_seconds),
    )
    return [one for one in found if one.severity is not Severity.WARNING or one.rule not in acknowledged]


def check_table(mode: Mode, features: Collection[Feature]) -> Iterator[Finding]:
    """Check features against the table: each alone, each pair, and what needs what."""
    for feature in sorted(features, key=list(Feature).index):
        found = cell(mode, feature)
        if (severity := _SEVERITY[found.verdict]) is not None:
            yield _finding(f"{mode.value}/{feature.value}", severity, feature.value, found)
    for (one, other), found in COMBINATIONS.items():
        if one in features and other in features:
            yield _finding(
                f"{one.value}+{other.value}", Severity.ERROR, f"{one.value} with {other.value}", found
            )
    if Feature.MODEL_MONITOR in features and Feature.DATA_CAPTURE not in features:
        reason = "model-monitor reads what data-capture records, and there is no data-capture"
        yield values.broken("monitor-without-capture", reason)


def refuse(findings: Iterable[Finding], *, subject: str) -> None:
    """Raise when there are errors.

    Raises:
        ValueError: naming every error with its rule, reason and source, joined by a semicolon.

    """
    errors = [str(finding) for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise ValueError(f"{subject}: {'; '.join(errors)}")


def _finding(rule: str, severity: Severity, what: str, found: Cell) -> Finding:
    return Finding(rule=rule, severity=severity, reason=f"{what}: {found.reason}", source=found.source)


def _implied(
    fleets: Sequence[Fleet], serverless: ServerlessSize | None, guardrail: Guardrail | None
) -> frozenset[Feature]:
    implied = {
        Feature.SEVERAL_VARIANTS: len(fleets) > 1,
        Feature.GPU: any(families.has_gpu(fleet.instance_type) for fleet in fleets),
        Feature.INF1: any(families.family(fleet.instance_type) == "inf1" for fleet in fleets),
        Feature.PROVISIONED_CONCURRENCY: serverless is not None
        and serverless.provisioned_concurrency is not None,
    }
    found = {feature for feature, present in implied.items() if present}
    return frozenset(found | ({Feature(f"guardrail-{guardrail.kind}")} if guardrail is not None else set()))
