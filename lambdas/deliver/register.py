"""The job `register`: a version of one environment becomes a version of the next one's group, once.

The copy waits for its approval there. It says what it was made from, so that it is found again by its source,
never as the newest one.
"""

from hashlib import sha256
from typing import Any, Final

from deliver.artifacts import with_artifacts_in
from deliver.outcome import Done, Failed, Outcome
from deliver.ports import Outputs
from deliver.request import Request
from tidegate_runtime.delivery_ports import Artifacts, Versions
from tidegate_runtime.errors import RequestInvalid
from tidegate_runtime.lineage import PIPELINE_EXECUTION, SOURCE_PACKAGE
from tidegate_runtime.versions import APPROVED, OF_ONE_APPROVAL, PENDING, REJECTED, Version, region_of

WAYS: Final = ("copy", "share")
BUCKET_OUTPUT: Final = "ArtifactBucket"

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
_MOST_PROPERTIES: Final = 50
_LONGEST_DESCRIPTION: Final = 1024
_TOKEN_CHARACTERS: Final = 36


def register(request: Request, *, versions: Versions, artifacts: Artifacts, outputs: Outputs) -> Outcome:
    """Return the version of the environment's group that was made from `package`; make it if there is none.

    Raises:
        NotApproved: there is no such source.
        ArtifactMissing: its artifact is not there, or is not what was recorded.
        RequestInvalid: `artifact` is neither `copy` nor `share`.

    """
    at, way = request.place, request.text("artifact")
    if way not in WAYS:
        raise RequestInvalid(f"the parameter 'artifact' must be one of {', '.join(WAYS)}, got {way!r}")
    source = versions.describe(request.package)
    if why := _why_not(source, group=at.name):
        return Failed(message=why)
    known = versions.made_from(source.arn, group=at.name, region=at.region, since=source.created_at)
    if known is not None:
        return _answer(known, source, "was registered before")
    if way == "copy":
        bucket = outputs.of(at.foundation).get(BUCKET_OUTPUT, "")
        if not bucket:
            return Failed(message=f"the stack {at.foundation} has no output {BUCKET_OUTPUT}: deploy it first")
        source = with_artifacts_in(bucket, source, artifacts=artifacts)
    elif region_of(source.arn) != at.region:
        here, there = region_of(source.arn), at.region
        return Failed(message=f"an artifact in {here} cannot be shared with {there}: set artifact: copy")
    definition = _definition(source, group=at.name, execution=request.execution)
    if len(definition["CustomerMetadataProperties"]) > _MOST_PROPERTIES:
        most = f"more than {_MOST_PROPERTIES} customer metadata properties with those of a promotion"
        return Failed(message=f"{source.name} would have {most}: remove some of its own")
    made = versions.register(definition, region=at.region, token=_token(source.arn, group=at.name))
    return _answer(versions.describe(made), source, f"is registered, its artifact by {way},")


def _why_not(source: Version, *, group: str) -> str:
    """Return why a version is not promoted, or nothing."""
    if source.group == group:
        return f"{source.name} is a version of {group} itself: name the one that it shall be made from"
    if source.approval == APPROVED:
        return ""
    by = f" by {source.changed_by}" if source.changed_by and source.approval == REJECTED else ""
    return f"{source.name} is {source.approval}{by}: only an approved version is promoted"


def _answer(made: Version, source: Version, how: str) -> Outcome:
    if made.approval == REJECTED:
        return Failed(message=f"{made.name}, made from {source.name}, was rejected: approve another version")
    summary = f"{source.name} {how} as {made.name} ({made.approval})"
    return Done(summary=summary, variables={"PackageArn": made.arn})


def _definition(source: Version, *, group: str, execution: str) -> dict[str, Any]:
    kept = {name: value for name, value in source.metadata.items() if name not in OF_ONE_APPROVAL}
    origin = {SOURCE_PACKAGE: source.arn, PIPELINE_EXECUTION: execution}
    return {
        **source.definition,
        "ModelPackageGroupName": group,
        "ModelPackageDescription": _description(source),
        "ModelApprovalStatus": PENDING,
        "CustomerMetadataProperties": {**kept, **origin},
    }


def _description(source: Version) -> str:
    """Return a description that tells the source, by which lists can be searched."""
    told = str(source.definition.get("ModelPackageDescription", "")).partition(made_from(""))[0].rstrip()
    mark = made_from(source.arn)
    return f"{told[: _LONGEST_DESCRIPTION - len(mark) - 1]} {mark}".strip()


def made_from(source_arn: str) -> str:
    """Return how the description of a copy ends."""
    return f"Made from {source_arn}" if source_arn else "Made from arn:"


def _token(source_arn: str, *, group: str) -> str:
    return sha256(f"{source_arn} {group}".encode()).hexdigest()[:_TOKEN_CHARACTERS]
