"""The registries of several environments, and the artifacts behind them, in memory."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.delivery_ports import Stored
from tidegate_runtime.errors import NotApproved
from tidegate_runtime.lineage import SOURCE_PACKAGE
from tidegate_runtime.versions import APPROVED, PENDING, Version

REGION = "eu-west-1"
IMAGE = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serve@sha256:0"


def arn_of(group: str, number: int) -> str:
    """Return the ARN of a version."""
    return f"arn:aws:sagemaker:{REGION}:111111111111:model-package/{group}/{number}"


class FakeVersions(Port):
    """The versions of all groups; a change of an approval is an event that somebody delivers later."""

    name = "registry"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.versions: dict[str, Version] = {}
        self.events: list[Version] = []
        self.tokens: dict[str, str] = {}

    def add(self, group: str, *, approval: str = APPROVED, **fields: Any) -> Version:
        """Register a version as a person does; its event is sent."""
        number = 1 + sum(version.group == group for version in self.versions.values())
        url = f"s3://{group}-artifacts/models/{number}/model.tar.gz"
        version = Version(
            arn=arn_of(group, number),
            group=group,
            approval=approval,
            created_at=self.world.now(),
            **{
                "definition": {
                    "InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": url}]}
                },
                **fields,
            },
        )
        self._put(version)
        return version

    def change(self, arn: str, approval: str, *, by: str = "arn:aws:iam::111111111111:user/ada") -> None:
        """Change the approval as a person does."""
        self._put(replace(self.versions[arn], approval=approval, changed_by=by))

    @call
    def describe(self, arn: str) -> Version:
        if arn not in self.versions:
            raise NotApproved(f"{arn} does not exist")
        return self.versions[arn]

    @call
    def made_from(self, source_arn: str, *, group: str, region: str, since: float) -> Version | None:
        assert region == REGION
        found = [
            version
            for version in self.versions.values()
            if version.group == group
            and version.created_at >= since
            and version.metadata.get(SOURCE_PACKAGE) == source_arn
        ]
        assert len(found) <= 1, "a source is registered once"
        return found[0] if found else None

    @call
    def register(self, definition: Mapping[str, Any], *, region: str, token: str) -> str:
        assert region == REGION
        assert len(token) <= 36
        if token not in self.tokens:
            own = ("ModelPackageGroupName", "ModelApprovalStatus", "CustomerMetadataProperties")
            made = self.add(
                definition["ModelPackageGroupName"],
                approval=definition["ModelApprovalStatus"],
                metadata=definition["CustomerMetadataProperties"],
                definition={name: value for name, value in definition.items() if name not in own},
            )
            self.tokens[token] = made.arn
        return self.tokens[token]

    @call
    def decide(self, arn: str, *, approval: str, note: str, metadata: Mapping[str, str]) -> None:
        assert len(note) <= 1024
        before = self.versions[arn]
        known = {**before.metadata, **metadata}
        self._put(
            replace(before, approval=approval, approval_note=note, metadata=known, changed_by="deliver")
        )

    @call
    def note(self, arn: str, metadata: Mapping[str, str]) -> None:
        before = self.versions[arn]
        self.versions[arn] = replace(before, metadata={**before.metadata, **metadata})

    def _put(self, version: Version) -> None:
        before = self.versions.get(version.arn)
        self.versions[version.arn] = version
        if version.approval != (before.approval if before else PENDING):
            self.events.append(version)


class FakeArtifacts(Port):
    """Objects with versions; what is copied has the content of its source, unless it is spoilt."""

    name = "s3"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.objects: dict[tuple[str, str], list[Stored]] = {}
        self.copies = 0
        self.spoilt = False

    def put(self, bucket: str, key: str, content: str, *, size: int = 1000, origin: str = "") -> Stored:
        """Write an object, as its next version."""
        versions = self.objects.setdefault((bucket, key), [])
        stored = Stored(
            bucket=bucket,
            key=key,
            version=f"s3-{len(versions) + 1}",
            size=size,
            digest=f"sha256:{content}" if content else "",
            etag=f'"{content}"',
            origin=origin,
        )
        versions.append(stored)
        return stored

    @call
    def find(self, bucket: str, key: str, *, version: str = "") -> Stored | None:
        found = self.objects.get((bucket, key), [])
        wanted = [one for one in found if version in ("", one.version)]
        return wanted[-1] if wanted else None

    @call
    def copy(self, source: Stored, *, bucket: str, key: str, origin: str) -> None:
        self.copies += 1
        content = source.digest.removeprefix("sha256:") + ("!" if self.spoilt else "")
        self.put(bucket, key, content, size=source.size, origin=origin)
