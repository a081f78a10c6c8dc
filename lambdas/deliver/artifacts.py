"""Copies a version's artifacts into the bucket of another environment, and proves that they are the same."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from tidegate_runtime.delivery_ports import Artifacts, Stored
from tidegate_runtime.errors import ArtifactMissing, Incompatible
from tidegate_runtime.versions import ARTIFACT_DIGEST, ARTIFACT_VERSION, Version

LARGEST_COPY: Final = 5 * 1024**3
"""Bytes that S3 copies in one call.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""


def with_artifacts_in(bucket: str, version: Version, *, artifacts: Artifacts) -> Version:
    """Return a version whose artifacts lie in `bucket`, with S3 version id and digest recorded.

    The places are made from the version's name, so that a second call finds what the first one has copied.

    Raises:
        ArtifactMissing: an artifact is not there, or is not the one that was registered.
        Incompatible: its artifacts are of a form that is not copied.

    """
    specification = version.definition.get("InferenceSpecification", {})
    if version.definition.get("AdditionalInferenceSpecifications"):
        raise Incompatible(f"{version.name} has additional inference specifications: set artifact: share")
    containers, metadata = [], dict(version.metadata)
    for index, container in enumerate(specification.get("Containers", ())):
        uri = _artifact(container, version)
        if not uri:
            containers.append(container)
            continue
        recorded = metadata if index == 0 else {}
        copied = _copied(uri, version, f"{index}", bucket=bucket, artifacts=artifacts, recorded=recorded)
        containers.append(_moved(container, copied.uri))
        if index == 0:
            metadata[ARTIFACT_VERSION] = copied.version
            if copied.digest:
                metadata[ARTIFACT_DIGEST] = copied.digest
    moved = {**version.definition, "InferenceSpecification": {**specification, "Containers": containers}}
    return replace(version, definition=moved, metadata=metadata)


def _artifact(container: Mapping[str, Any], version: Version) -> str:
    """Return the URI of a container's one archive, or nothing."""
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source and source.get("S3DataType") == "S3Prefix":
        raise Incompatible(
            f"the artifact of {version.name} is many objects below {source.get('S3Uri')}: set artifact: share"
        )
    return str(source["S3Uri"] if source else container.get("ModelDataUrl", ""))


def _moved(container: Mapping[str, Any], uri: str) -> dict[str, Any]:
    # The ETag is that of the old place.
    kept = {name: value for name, value in container.items() if name != "ModelDataETag"}
    if "ModelDataSource" not in kept:
        return {**kept, "ModelDataUrl": uri}
    source = {**kept["ModelDataSource"]["S3DataSource"], "S3Uri": uri}
    source.pop("ETag", None)
    return {**kept, "ModelDataSource": {"S3DataSource": source}}


def _copied(
    uri: str, version: Version, index: str, *, bucket: str, artifacts: Artifacts, recorded: Mapping[str, str]
) -> Stored:
    parts = urlsplit(uri)
    wanted = recorded.get(ARTIFACT_VERSION, "")
    source = artifacts.find(parts.netloc, parts.path.lstrip("/"), version=wanted)
    if source is None:
        raise ArtifactMissing(f"{uri} (version {wanted or 'latest'}) of {version.name} cannot be read")
    _same(recorded.get(ARTIFACT_DIGEST, ""), source.digest, f"{uri} is not what {version.name} was made of")
    if source.size > LARGEST_COPY:
        gigabytes = source.size / 1024**3
        raise Incompatible(f"{uri} has {gigabytes:.1f} GiB, and S3 copies 5 at most: set artifact: share")
    key = f"promoted/{version.name}/{index}/{source.key.rpartition('/')[2]}"
    origin = f"{source.uri}?versionId={source.version}"
    copied = artifacts.find(bucket, key)
    if copied is None or copied.origin != origin:
        artifacts.copy(source, bucket=bucket, key=key, origin=origin)
        copied = artifacts.find(bucket, key)
    if copied is None:
        raise ArtifactMissing(f"s3://{bucket}/{key} cannot be read, though it was copied there from {uri}")
    _same(source.digest, copied.digest, f"{copied.uri} is not a copy of {uri}")
    if source.size != copied.size:
        raise ArtifactMissing(f"{copied.uri} has {copied.size} bytes, {uri} has {source.size}")
    return copied


def _same(expected: str, found: str, message: str) -> None:
    """Compare two digests of one kind; those of two kinds say nothing about each other."""
    kinds = {one.partition(":")[0] for one in (expected, found)}
    if expected and found and len(kinds) == 1 and expected != found:
        raise ArtifactMissing(f"{message}: its digest must be {expected}, got {found}")
