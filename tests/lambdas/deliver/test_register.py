"""A version is registered in the next environment once, with its artifact and its origin."""

from dataclasses import replace
from typing import Any

import pytest

from tests.lambdas.fakes.delivery import DeliveryWorld
from tests.lambdas.fakes.reports import Told
from tidegate_runtime.lineage import COMMIT, DATA_VERSION, PIPELINE_EXECUTION, SOURCE_PACKAGE
from tidegate_runtime.versions import APPROVED_IN, PENDING, Version

KNOWN = {COMMIT: "1a2b3c", DATA_VERSION: "s3-data-7", APPROVED_IN: "another", "artifact_version_id": "s3-1"}


def world_with(**fields: Any) -> tuple[DeliveryWorld, Version]:
    world = DeliveryWorld("dev", "staging")
    return world, world.add("dev", metadata=KNOWN, **fields)


def made(world: DeliveryWorld, told: Told) -> Version:
    assert told.variables is not None, told
    return world.versions.versions[told.variables["PackageArn"]]


def test_a_copy_waits_for_its_approval_and_says_where_it_comes_from() -> None:
    world, source = world_with()
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    copy = made(world, told)
    assert (copy.group, copy.approval) == ("digits-staging", PENDING)
    assert told.summary == (
        "digits-dev/1 is registered, its artifact by copy, as digits-staging/1 (PendingManualApproval)"
    )
    assert copy.metadata == {
        COMMIT: "1a2b3c",
        DATA_VERSION: "s3-data-7",
        SOURCE_PACKAGE: source.arn,
        PIPELINE_EXECUTION: "e1",
        "artifact_version_id": "s3-1",
        "tidegate:artifact-digest": "sha256:content-of-1",
    }
    assert copy.definition["ModelPackageDescription"] == f"Made from {source.arn}"


def test_the_artifact_of_a_copy_lies_in_the_environments_own_bucket() -> None:
    world, source = world_with()
    copy = made(world, world.run("register", "staging", package=source.arn, artifact="copy"))
    container = copy.definition["InferenceSpecification"]["Containers"][0]
    key = "promoted/digits-dev/1/0/model.tar.gz"
    assert container["ModelDataUrl"] == f"s3://digits-staging-artifacts/{key}"
    stored = world.artifacts.objects["digits-staging-artifacts", key][-1]
    assert stored.origin == "s3://digits-dev-artifacts/models/1/model.tar.gz?versionId=s3-1"


def test_a_shared_artifact_stays_where_it_is_in_the_version_that_was_recorded() -> None:
    world, source = world_with()
    copy = made(world, world.run("register", "staging", package=source.arn, artifact="share"))
    assert copy.definition["InferenceSpecification"] == source.definition["InferenceSpecification"]
    assert copy.metadata["artifact_version_id"] == "s3-1"
    assert world.artifacts.copies == 0


def test_the_version_that_was_recorded_is_copied_and_not_a_later_one() -> None:
    world, source = world_with()
    world.artifacts.put("digits-dev-artifacts", "models/1/model.tar.gz", "something else")
    copy = made(world, world.run("register", "staging", package=source.arn, artifact="copy"))
    assert copy.metadata["tidegate:artifact-digest"] == "sha256:content-of-1"


def test_a_source_is_registered_once_however_many_versions_came_after() -> None:
    world, source = world_with()
    first = made(world, world.run("register", "staging", package=source.arn, artifact="copy"))
    other = world.add("dev")
    world.run("register", "staging", package=other.arn, artifact="copy")
    again = world.run("register", "staging", package=source.arn, artifact="copy")
    assert made(world, again).arn == first.arn
    assert "was registered before" in again.summary
    assert world.artifacts.copies == 2


def test_rejects_a_copy_that_is_not_what_was_copied() -> None:
    world, source = world_with()
    world.artifacts.spoilt = True
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert told.kind == "failed"
    assert "its digest must be sha256:content-of-1, got sha256:content-of-1!" in told.summary
    assert not [one for one in world.versions.versions.values() if one.group == "digits-staging"]


def test_rejects_an_artifact_that_is_not_what_was_recorded_and_one_that_is_gone() -> None:
    world, source = world_with()
    metadata = {**KNOWN, "tidegate:artifact-digest": "sha256:recorded"}
    world.versions.versions[source.arn] = replace(source, metadata=metadata)
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert "is not what digits-dev/1 was made of: its digest must be sha256:recorded" in told.summary
    world.artifacts.objects.clear()
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert "model.tar.gz (version s3-1) of digits-dev/1 cannot be read" in told.summary


def _containers(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"InferenceSpecification": {"Containers": list(containers)}, **more}


def _source(kind: str) -> dict[str, Any]:
    return {"Image": "i", "ModelDataSource": {"S3DataSource": {"S3DataType": kind, "S3Uri": "s3://b/m/"}}}


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (_containers(_source("S3Prefix")), "is many objects below s3://b/m/: set artifact: share"),
        (
            _containers({"Image": "i"}, AdditionalInferenceSpecifications=[{"Name": "small"}]),
            "digits-dev/1 has additional inference specifications: set artifact: share",
        ),
    ],
)
def test_rejects_artifacts_of_a_form_that_is_not_copied(definition: dict[str, Any], message: str) -> None:
    world, source = world_with(definition=definition)
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert told.kind == "failed"
    assert message in told.summary


def test_rejects_an_artifact_larger_than_s3_copies_at_once() -> None:
    world, source = world_with()
    world.artifacts.objects.clear()
    world.artifacts.put("digits-dev-artifacts", "models/1/model.tar.gz", "x", size=6 * 1024**3)
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert "has 6.0 GiB, and S3 copies 5 at most: set artifact: share" in told.summary


def test_every_container_gets_its_own_artifact_and_one_without_stays() -> None:
    one = {"Image": "a", "ModelDataUrl": "s3://b/one/model.tar.gz", "ModelDataETag": "e"}
    two = {
        "Image": "c",
        "ModelDataSource": {"S3DataSource": {"S3DataType": "S3Object", "S3Uri": "s3://b/two.gz"}},
    }
    world = DeliveryWorld("dev", "staging")
    source = world.add("dev", definition=_containers(one, {"Image": "b"}, two))
    world.artifacts.put("b", "one/model.tar.gz", "1")
    world.artifacts.put("b", "two.gz", "2")
    copy = made(world, world.run("register", "staging", package=source.arn, artifact="copy"))
    place = "s3://digits-staging-artifacts/promoted/digits-dev/1"
    moved = {"S3DataSource": {"S3DataType": "S3Object", "S3Uri": f"{place}/2/two.gz"}}
    assert copy.definition["InferenceSpecification"]["Containers"] == [
        {"Image": "a", "ModelDataUrl": f"{place}/0/model.tar.gz"},
        {"Image": "b"},
        {"Image": "c", "ModelDataSource": moved},
    ]


def test_rejects_a_source_that_is_not_approved_or_was_rejected_after_its_promotion() -> None:
    world, source = world_with()
    copy = made(world, world.run("register", "staging", package=source.arn, artifact="copy"))
    world.versions.change(copy.arn, "Rejected")
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert told.summary == "digits-staging/1, made from digits-dev/1, was rejected: approve another version"
    world.versions.change(source.arn, "Rejected", by="bob")
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert told.summary == "digits-dev/1 is Rejected by bob: only an approved version is promoted"


def test_rejects_a_version_of_the_group_itself_and_one_that_does_not_exist() -> None:
    world, source = world_with()
    told = world.run("register", "dev", package=source.arn, artifact="copy")
    assert "digits-dev/1 is a version of digits-dev itself" in told.summary
    told = world.run("register", "staging", package=f"{source.arn}7", artifact="copy")
    assert "does not exist" in told.summary


def test_rejects_a_share_across_regions_and_an_unknown_way() -> None:
    world, source = world_with()
    far = replace(source, arn=source.arn.replace("eu-west-1", "us-east-1"))
    world.versions.versions[far.arn] = far
    told = world.run("register", "staging", package=far.arn, artifact="share")
    assert told.summary == "an artifact in us-east-1 cannot be shared with eu-west-1: set artifact: copy"
    told = world.run("register", "staging", package=source.arn, artifact="move")
    assert told.summary == "the parameter 'artifact' must be one of copy, share, got 'move'"


def test_rejects_more_properties_than_the_registry_takes() -> None:
    world = DeliveryWorld("dev", "staging")
    source = world.add("dev", metadata={f"key-{number}": "x" for number in range(49)})
    told = world.run("register", "staging", package=source.arn, artifact="share")
    assert "would have more than 50 customer metadata properties" in told.summary


def test_rejects_a_copy_before_the_foundation_is_deployed() -> None:
    world, source = world_with()
    world.environments["staging"].deployed_foundation = False
    told = world.run("register", "staging", package=source.arn, artifact="copy")
    assert told.summary == "the stack digits-staging-foundation has no output ArtifactBucket: deploy it first"
