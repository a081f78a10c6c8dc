"""Where a version comes from is read from its metadata, and written there."""

from tidegate_runtime.lineage import KEYS, Lineage

_FULL = Lineage(
    source_package="arn:aws:sagemaker:eu-west-1:111122223333:model-package/digits-staging/3",
    commit="1a2b3c",
    build="synth:77",
    pipeline_execution="arn:aws:sagemaker:eu-west-1:111122223333:pipeline/digits-training/execution/x",
    data_version="v-9",
    training_job="digits-2026-11-29",
)


def test_what_is_written_is_read_again() -> None:
    assert set(_FULL.to_metadata()) == set(KEYS.values())
    assert Lineage.of_metadata(_FULL.to_metadata()) == _FULL


def test_what_is_not_known_is_not_written() -> None:
    assert Lineage(commit="1a2b3c").to_metadata() == {"tidegate:commit": "1a2b3c"}
    assert Lineage().to_metadata() == {}


def test_properties_of_others_are_left_alone() -> None:
    assert Lineage.of_metadata({"artifact_version_id": "x", "tidegate:commit": "1a2b3c"}).commit == "1a2b3c"


def test_the_properties_of_sagemaker_stand_in_where_ours_are_missing() -> None:
    described = {"MetadataProperties": {"CommitId": "beef", "GeneratedBy": "arn:execution"}}
    assert Lineage.of_package(described) == Lineage(commit="beef", pipeline_execution="arn:execution")
    ours = {**described, "CustomerMetadataProperties": {"tidegate:commit": "1a2b3c"}}
    assert Lineage.of_package(ours).commit == "1a2b3c"
