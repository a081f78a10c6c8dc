"""Training jobs with real scripts in real processes."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.errors import AwsError, NotEmulated
from tests.localcloud.sagemaker.objects_world import packed
from tests.localcloud.sagemaker.training_world import World, training


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


def test_a_script_reads_its_channel_and_writes_a_model_that_is_stored_as_an_archive(world: World) -> None:
    job = world.train(hyperparameters={"factor": "3"})
    assert job["TrainingJobStatus"] == "Completed", job
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifact == "s3://models/trained/job/output/model.tar.gz"
    files = world.model(artifact)
    assert sorted(files) == ["code/inference.py", "model.json"]
    assert json.loads(files["model.json"])["value"] == 2 * 3.5 * 3
    assert job["CreationTime"] < job["TrainingStartTime"] <= job["TrainingEndTime"]
    stages = [each["Status"] for each in job["SecondaryStatusTransitions"]]
    assert stages == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


def test_equal_jobs_make_equal_models_but_for_their_time(world: World) -> None:
    one, other = world.train("one"), world.train("other")
    found = [
        json.loads(world.model(job["ModelArtifacts"]["S3ModelArtifacts"])["model.json"])
        for job in (one, other)
    ]
    assert found[0]["value"] == found[1]["value"]


def test_a_script_sees_what_script_mode_gives_and_nothing_of_the_machine(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    job = world.train(hyperparameters={"factor": "0.5", "note": '"plain"'}, Environment={"OWN": "yes"})
    seen = json.loads(world.model(job["ModelArtifacts"]["S3ModelArtifacts"])["model.json"])["seen"]
    assert "secret" not in json.dumps(seen)
    assert not set(seen) & (
        set(os.environ) - {"PATH", "HOME", "PYTHONPATH", "LC_CTYPE", "PYTHONUNBUFFERED", "OWN"}
    )
    assert (seen["OWN"], seen["TRAINING_JOB_NAME"]) == ("yes", "job")
    assert json.loads(seen["SM_HPS"]) == {"factor": 0.5, "note": "plain"}
    assert (seen["SM_HP_FACTOR"], seen["SM_HP_NOTE"]) == ("0.5", "plain")
    assert json.loads(seen["SM_CHANNELS"]) == ["train"]
    assert seen["hyperparameters.json"] == {"factor": "0.5", "note": '"plain"'}
    assert seen["SM_CHANNEL_TRAIN"].endswith("/input/data/train")


def test_metrics_are_read_from_what_the_script_prints_the_last_one_counts(world: World) -> None:
    (metric,) = world.train()["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("accuracy", 0.75)


def test_every_change_of_status_is_told_on_the_bus(world: World) -> None:
    world.train(Tags=[{"Key": "service", "Value": "digits"}])
    kind = "SageMaker Training Job State Change"
    assert world.statuses(kind, "TrainingJobStatus") == ["InProgress", "Completed"]
    detail = world.events[-1][2]
    assert detail["Tags"] == {"service": "digits"}
    assert detail["TrainingEndTime"] == int(world.job()["TrainingEndTime"] * 1000)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"hyperparameters": {"note": "fail"}},
            "AlgorithmError: the script ended with 1: ValueError: the data has no",
        ),
        ({"hyperparameters": {"note": "exit"}}, "AlgorithmError: the script ended with 3"),
        ({"hyperparameters": {"factor": "x"}}, "AlgorithmError: the script ended with 2"),
        (
            {"hyperparameters": {"sagemaker_program": "other.py"}},
            "ClientError: s3://code/source.tar.gz holds no other",
        ),
        (
            {"hyperparameters": {"sagemaker_submit_directory": "s3://code/none"}},
            "ClientError: the training script cannot be read",
        ),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://closed/x"}},
            "ClientError: Artifact upload failed: Access Denied",
        ),
    ],
)
def test_a_job_that_fails_says_who_is_to_blame_and_why(
    world: World, changes: dict[str, Any], told: str
) -> None:
    job = world.train(**changes)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(told)
    assert "ModelArtifacts" not in job


def test_a_channel_without_objects_fails_the_job(world: World) -> None:
    world.objects = {uri: data for uri, data in world.objects.items() if not uri.startswith("s3://data/")}
    assert "No S3 objects found" in world.train()["FailureReason"]


def test_a_script_that_leads_out_of_its_archive_is_not_extracted(world: World) -> None:
    world.objects["s3://code/source.tar.gz"] = packed({"../train.py": ""})
    assert "leads out of it" in world.train()["FailureReason"]


def test_a_job_that_lasts_too_long_is_stopped(world: World) -> None:
    job = world.train(hyperparameters={"note": "wait"}, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_job_can_be_stopped_while_it_works_and_before(world: World) -> None:
    world.call("CreateTrainingJob", TrainingJobName="job", **training(hyperparameters={"note": "wait"}))
    world.until(lambda: world.job()["SecondaryStatus"] == "Training")
    world.call("StopTrainingJob", TrainingJobName="job")
    world.until(lambda: world.job()["TrainingJobStatus"] == "Stopped")
    world.call("CreateTrainingJob", TrainingJobName="early", **training())
    world.call("StopTrainingJob", TrainingJobName="early")
    assert world.job("early")["TrainingJobStatus"] == "Stopped"
    with pytest.raises(AwsError, match="is in status Stopped"):
        world.call("StopTrainingJob", TrainingJobName="early")


def test_jobs_are_listed(world: World) -> None:
    world.train("one")
    world.train("two", hyperparameters={"note": "fail"})
    found = world.call("ListTrainingJobs", StatusEquals="Failed")["TrainingJobSummaries"]
    assert [each["TrainingJobName"] for each in found] == ["two"]


def test_rejects_a_name_that_is_taken(world: World) -> None:
    world.call("CreateTrainingJob", TrainingJobName="job", **training())
    with pytest.raises(AwsError, match="ResourceInUse: Job name must be unique"):
        world.call("CreateTrainingJob", TrainingJobName="JOB", **training())


@pytest.mark.parametrize(
    "changes",
    [
        {"HyperParameters": {"factor": "1"}},
        {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}},
        {"EnableManagedSpotTraining": True},
        {"CheckpointConfig": {"S3Uri": "s3://x/y"}},
        {"AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "Pipe"}},
    ],
)
def test_rejects_what_is_not_emulated(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(NotEmulated):
        world.call("CreateTrainingJob", TrainingJobName="job", **training(**changes))


def test_closing_the_cloud_ends_the_scripts(world: World) -> None:
    world.call("CreateTrainingJob", TrainingJobName="job", **training(hyperparameters={"note": "wait"}))
    world.until(lambda: world.job()["SecondaryStatus"] == "Training")
    world.sagemaker.close()
    world.until(lambda: world.job()["TrainingJobStatus"] != "InProgress")
