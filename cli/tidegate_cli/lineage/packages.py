"""A model package version: its approval, its metrics, and the version that it was made from."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tidegate_cli.lineage.asking import Refusal, ask, moment, who
from tidegate_cli.lineage.deployment import Pipelines, execution_link
from tidegate_cli.lineage.links import Link, known
from tidegate_cli.lineage.rollouts import rollout_elsewhere
from tidegate_cli.lineage.training import pipeline_link, training_link
from tidegate_cli.operator.session import Aws
from tidegate_runtime.lineage import KEYS, Lineage

_PACKAGE: Final = "model package"
_WRITERS: Mapping[str, str] = {
    "commit": "the training code's build",
    "build": "the build that ran the training code",
    "data_version": "the step that registers the version",
    "training_job": "the step that registers the version",
    "pipeline_execution": "the step that registers the version",
}
_WORDS: Mapping[str, str] = {
    "commit": "commit",
    "build": "build",
    "data_version": "data version",
    "training_job": "training job",
    "pipeline_execution": "pipeline execution",
}


def package_link(aws: Aws, arn: str, *, pipelines: Pipelines, seen: frozenset[str] = frozenset()) -> Link:
    """Walk back from a version, through the versions that it was made from.

    Args:
        aws: Clients of this environment; the version's own region is asked.
        arn: The version.
        pipelines: Where the delivery pipelines are.
        seen: The versions walked through already: a circle ends the walk.

    """
    there = in_region_of(aws, arn)
    described: Any = ask(lambda: there.sagemaker.describe_model_package(ModelPackageName=arn))
    if isinstance(described, Refusal):
        return Link(kind=_PACKAGE, name=arn, missing=_unreadable(arn, described))
    told, notes = Lineage.of_package(described), tuple[str, ...]()
    if told.source_package and told.source_package not in seen | {arn}:
        source = package_link(aws, told.source_package, pipelines=pipelines, seen=seen | {arn})
        origins, notes = _from(source, told, aws, pipelines=pipelines)
    else:
        origins = tuple(_own(there, told, artifact=_artifact(described), pipelines=pipelines))
    if told.source_package in seen | {arn}:
        notes = (f"it says that it was made from {told.source_package}, which was made from it",)
    return Link(kind=_PACKAGE, name=arn, facts=_facts(described), notes=notes, origins=origins)


def in_region_of(aws: Aws, arn: str) -> Aws:
    """Return the clients of the region that an ARN names, with the same credentials."""
    parts = arn.split(":")
    return aws.in_region(parts[3]) if len(parts) > 5 and parts[3] else aws


def _from(
    source: Link, told: Lineage, aws: Aws, *, pipelines: Pipelines
) -> tuple[tuple[Link, ...], tuple[str, ...]]:
    """Return the origins of a copy: its source's way back, or its own word where that cannot be read."""
    there = in_region_of(aws, told.source_package)
    if source.missing:
        return (source, *_own(there, told, artifact="", pipelines=pipelines)), ()
    described: Any = ask(lambda: there.sagemaker.describe_model_package(ModelPackageName=told.source_package))
    other = Lineage() if isinstance(described, Refusal) else Lineage.of_package(described)
    origins: tuple[Link, ...] = (source, rollout_elsewhere(there, told.source_package))
    if told.pipeline_execution not in ("", other.pipeline_execution):
        origins = (*origins, _execution(aws, told.pipeline_execution, pipelines))
    return origins, tuple(_differing(told, other))


def _differing(told: Lineage, other: Lineage) -> Iterator[str]:
    for name in ("commit", "build", "data_version", "training_job"):
        mine, theirs = getattr(told, name), getattr(other, name)
        if mine and theirs and mine != theirs:
            yield f"it says {_WORDS[name]} {mine}, and the version that it was made from {theirs}"


def _own(aws: Aws, told: Lineage, *, artifact: str, pipelines: Pipelines) -> Iterator[Link]:
    execution = _execution(aws, told.pipeline_execution, pipelines)
    for name in ("commit", "build", "data_version"):
        value = getattr(told, name)
        yield Link(kind=_WORDS[name], name=value) if value else _nobody_said(name)
    job = told.training_job or execution.facts.get("training job", "")
    yield training_link(aws, job, artifact=artifact) if job else _nobody_said("training_job")
    yield execution


def _execution(aws: Aws, value: str, pipelines: Pipelines) -> Link:
    if not value:
        return _nobody_said("pipeline_execution")
    if ":sagemaker:" in value:
        return pipeline_link(aws, value)
    return execution_link(pipelines, value)


def _nobody_said(name: str) -> Link:
    reason = f"nothing says it: {_WRITERS[name]} would have, in the customer metadata property {KEYS[name]}"
    return Link(kind=_WORDS[name], missing=reason)


def _facts(described: Any) -> dict[str, str]:
    container = (described.get("InferenceSpecification", {}).get("Containers") or [{}])[0]
    metadata = described.get("CustomerMetadataProperties") or {}
    others = {key: value for key, value in metadata.items() if key not in KEYS.values()}
    return {
        **known(
            approval=described.get("ModelApprovalStatus"),
            changed_last_by=who(described.get("LastModifiedBy")),
            changed=moment(described.get("LastModifiedTime")),
            comment=described.get("ApprovalDescription"),
            registered=moment(described.get("CreationTime")),
            registered_by=who(described.get("CreatedBy")),
            image=container.get("ImageDigest") or container.get("Image"),
            artifact=_artifact(described),
        ),
        **{f"metrics: {name}": uri for name, uri in _metrics(described.get("ModelMetrics") or {})},
        **{f"metadata: {key}": value for key, value in others.items()},
    }


def _artifact(described: Any) -> str:
    container = (described.get("InferenceSpecification", {}).get("Containers") or [{}])[0]
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return str(container.get("ModelDataUrl") or source.get("S3Uri", ""))


def _metrics(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the reports that were registered with a version: what of, and where each one lies."""
    for of, reports in metrics.items():
        for report, where in reports.items():
            if where.get("S3Uri"):
                yield f"{of} {report}", where["S3Uri"]


def _unreadable(arn: str, refusal: Refusal) -> str:
    account = arn.split(":")[4] if arn.count(":") >= 5 else "another account"
    return (
        f"it cannot be read with these credentials ({refusal.reason}): ask with those of account {account}, "
        "or let its model package group's policy allow sagemaker:DescribeModelPackage"
    )
