"""Transform jobs with real model processes."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.errors import AwsError, NotEmulated
from tests.localcloud.sagemaker.objects_world import ROLE
from tests.localcloud.sagemaker.transform_world import World

BY_OBJECT = {"input": {"SplitType": "None"}, "output": {"AssembleWith": "None"}}


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


def test_every_object_below_the_prefix_gets_an_answer_beside_its_name(world: World) -> None:
    world.objects |= {
        "s3://data/in/a.csv": b"1,2\n3,4\n",
        "s3://data/in/more/b.csv": b"5,6",
        "s3://data/in/": b"",
        "s3://data/other/c.csv": b"7,8",
    }
    described = world.run()
    assert described["TransformJobStatus"] == "Completed"
    assert world.answers() == {"a.csv.out": "3\n7\n", "more/b.csv.out": "11\n"}
    assert described["CreationTime"] < described["TransformStartTime"] <= described["TransformEndTime"]
    assert world.statuses() == ["InProgress", "Completed"]


def test_an_event_carries_the_job_as_documented(world: World) -> None:
    world.objects["s3://data/in/a.csv"] = b"1,2"
    world.run(MaxPayloadInMB=1, Tags=[{"Key": "service", "Value": "digits"}])
    source, _, detail, resources = world.events[-1]
    assert source == "aws.sagemaker"
    assert resources == [detail["TransformJobArn"]]
    assert (detail["ModelName"], detail["MaxPayloadInMB"], detail["Tags"]) == (
        "sums",
        1,
        {"service": "digits"},
    )
    assert detail["TransformEndTime"] == int(world.describe()["TransformEndTime"] * 1000)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [("s3://data/in", "a.csv.out"), ("s3://data/in/a.csv", "a.csv.out"), ("s3://data/in/a", "a.csv.out")],
)
def test_a_prefix_may_be_a_folder_an_object_or_the_begin_of_a_name(
    world: World, uri: str, expected: str
) -> None:
    world.objects["s3://data/in/a.csv"] = b"1,2"
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    world.run(input={"DataSource": data})
    assert list(world.answers()) == [expected]


def test_a_manifest_lists_the_objects(world: World) -> None:
    world.objects |= {
        "s3://data/list.manifest": json.dumps([{"prefix": "s3://data/in/"}, "b.csv"]).encode(),
        "s3://data/in/a.csv": b"1,2",
        "s3://data/in/b.csv": b"3,4",
    }
    data = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": "s3://data/list.manifest"}}
    world.run(input={"DataSource": data})
    assert world.answers() == {"b.csv.out": "7\n"}


def test_compressed_input_is_decompressed(world: World) -> None:
    world.objects["s3://data/in/a.csv.gz"] = gzip.compress(b"1,2\n3,4")
    world.run(input={"CompressionType": "Gzip"})
    assert world.answers() == {"a.csv.gz.out": "3\n7\n"}


@pytest.mark.parametrize(
    ("changes", "requests"),
    [
        ({}, ["3"]),
        ({"BatchStrategy": "MultiRecord"}, ["3"]),
        ({"BatchStrategy": "SingleRecord"}, ["1", "1", "1"]),
        (BY_OBJECT, ["4"]),
    ],
    ids=["by default", "several", "single", "whole object"],
)
def test_the_strategy_says_how_many_records_a_request_holds(
    world: World, changes: dict[str, Any], requests: list[str]
) -> None:
    world.objects["s3://data/in/a.txt"] = b"1,2\n3,4\n5,6" + (b"\n7,8" if changes is BY_OBJECT else b"\n")
    world.run(Environment={"NOTE": "rows"}, **changes)
    [answer] = world.answers().values()
    assert [line.split(":")[1] for line in answer.split()] == requests


def test_objects_are_spread_over_the_instances(world: World) -> None:
    world.objects |= {f"s3://data/in/{name}.csv": b"1,2" for name in "abcd"}
    world.run(Environment={"NOTE": "rows"}, resources={"InstanceCount": 2}, MaxConcurrentTransforms=2)
    processes = {answer.split(":")[2] for answer in world.answers().values()}
    assert len(processes) == 2
    world.until(lambda: world.engine.running() == 0)


def test_the_container_sees_the_jobs_environment(world: World) -> None:
    world.objects["s3://data/in/a.csv"] = b"1,2"
    world.run(Environment={"FACTOR": "10"})
    assert world.answers() == {"a.csv.out": "30\n"}


def test_a_pipeline_hands_the_answer_of_a_container_to_the_next(world: World) -> None:
    container = {"Image": "image:1", "ModelDataUrl": "s3://models/sums.tar.gz"}
    factors = [{**container, "Environment": {"FACTOR": factor}} for factor in ("10", "2")]
    world.call("CreateModel", ModelName="both", Containers=factors, ExecutionRoleArn=ROLE)
    world.objects["s3://data/in/a.csv"] = b"1,2\n3,4"
    world.run(ModelName="both")
    assert world.answers() == {"a.csv.out": "60\n140\n"}


@pytest.mark.parametrize("mode", ["Direct", "MultiModel"])
def test_rejects_models_whose_requests_must_name_a_model_or_a_container(world: World, mode: str) -> None:
    container = {"Image": "image:1", "ModelDataUrl": "s3://models/sums.tar.gz"}
    named = [{**container, "ContainerHostname": name} for name in ("one", "two")]
    many = {"Image": "image:1", "ModelDataUrl": "s3://models/", "Mode": "MultiModel"}
    direct = {"Containers": named, "InferenceExecutionConfig": {"Mode": "Direct"}}
    chosen = direct if mode == "Direct" else {"PrimaryContainer": many}
    world.call("CreateModel", ModelName="choice", ExecutionRoleArn=ROLE, **chosen)
    with pytest.raises(AwsError, match=f"does not support model choice of mode {mode}"):
        world.start(ModelName="choice")


def test_filters_and_join_put_the_key_beside_the_answer(world: World) -> None:
    world.objects["s3://data/in/a.csv"] = b'k1,1,2\n"k,2",3,4\n'
    world.run(DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"})
    assert world.answers() == {"a.csv.out": 'k1,3\n"k,2",7\n'}


def test_json_lines_keep_their_order_and_get_the_answer_as_a_member(world: World) -> None:
    records = [{"id": number, "values": [number, 1]} for number in range(20)]
    world.objects["s3://data/in/a.jsonl"] = "\n".join(map(json.dumps, records)).encode()
    world.run(
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=4,
        input={"ContentType": "application/jsonlines"},
        output={"Accept": "application/jsonlines"},
        DataProcessing={"JoinSource": "Input", "OutputFilter": "$['id','SageMakerOutput']"},
    )
    lines = [json.loads(line) for line in world.answers()["a.jsonl.out"].splitlines()]
    assert lines == [{"id": number, "SageMakerOutput": number + 1} for number in range(20)]


def test_a_model_that_raises_fails_the_job_with_the_reason_and_keeps_the_other_answers(world: World) -> None:
    world.objects |= {"s3://data/in/a.csv": b"1,2", "s3://data/in/b.csv": b"bug"}
    described = world.run(ModelClientConfig={"InvocationsMaxRetries": 0})
    assert described["TransformJobStatus"] == "Failed"
    assert described["FailureReason"] == (
        "AlgorithmError: s3://data/in/b.csv: Bad HTTP status received from algorithm: 500: "
        "ValueError: negative width"
    )
    assert world.answers() == {"a.csv.out": "3\n"}
    assert world.statuses() == ["InProgress", "Failed"]


@pytest.mark.parametrize(
    ("data", "changes", "reason"),
    [
        (b"unknown", {}, "ClientError: s3://data/in/a.csv: Bad HTTP status received from algorithm: 415"),
        (b"x" * 1_100_000, {"MaxPayloadInMB": 1}, "Too much data for max payload size"),
        (b"1,2", {"input": {"CompressionType": "Gzip"}}, "is not compressed with gzip"),
        (b"1,2", {"output": {"S3OutputPath": "s3://closed/"}}, "Data upload failed: Access Denied"),
        (b"1,2", {"DataProcessing": {"InputFilter": "$[7]"}}, "selects nothing"),
        (
            b"1,2\n3,4",
            {"Environment": {"NOTE": "rows"}, "DataProcessing": {"JoinSource": "Input"}},
            "mismatched line count between the input and the output: 2 and 1",
        ),
        (
            b"wait",
            {"ModelClientConfig": {"InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 0}},
            "did not respond to /invocations request within 1 seconds",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_goes_wrong_is_the_failure_reason(
    world: World, data: bytes, changes: dict[str, Any], reason: str
) -> None:
    world.objects["s3://data/in/a.csv"] = data
    described = world.run(**changes)
    assert described["TransformJobStatus"] == "Failed"
    assert reason in described["FailureReason"]


def test_a_prefix_without_objects_fails_the_job(world: World) -> None:
    described = world.run()
    assert described["FailureReason"].startswith("ClientError: s3://data/in/: No S3 objects found")


def test_a_model_that_does_not_load_fails_the_job(world: World) -> None:
    world.objects["s3://data/in/a.csv"] = b"1,2"
    described = world.run(Environment={"FACTOR": "much"})
    assert described["FailureReason"].startswith("AlgorithmError: ")
    assert "could not convert string to float: 'much'" in described["FailureReason"]


def test_a_stopped_job_stores_nothing_and_ends_its_processes(world: World) -> None:
    world.objects |= {"s3://data/in/a.csv": b"1,2", "s3://data/in/b.csv": b"wait"}
    world.start()
    world.until(lambda: world.engine.running() == 1)
    world.call("StopTransformJob", TransformJobName="job")
    assert world.describe()["TransformJobStatus"] == "Stopping"
    world.until(lambda: world.describe()["TransformJobStatus"] == "Stopped")
    world.until(lambda: world.engine.running() == 0)
    assert world.answers() == {}
    assert world.statuses() == ["InProgress", "Stopping", "Stopped"]
    with pytest.raises(AwsError, match="is in status Stopped"):
        world.call("StopTransformJob", TransformJobName="job")


def test_jobs_are_listed_newest_first_by_status(world: World) -> None:
    world.objects["s3://data/in/a.csv"] = b"1,2"
    world.run()
    world.start("later")
    listed = world.call("ListTransformJobs")["TransformJobSummaries"]
    assert [each["TransformJobName"] for each in listed] == ["later", "job"]
    done = world.call("ListTransformJobs", StatusEquals="Completed")["TransformJobSummaries"]
    assert [each["TransformJobName"] for each in done] == ["job"]


def test_rejects_a_name_that_was_used(world: World) -> None:
    world.start()
    with pytest.raises(AwsError, match="Job name must be unique") as caught:
        world.start()
    assert caught.value.code == "ResourceInUse"


@pytest.mark.parametrize("operation", ["DescribeTransformJob", "StopTransformJob"])
def test_rejects_an_unknown_job(world: World, operation: str) -> None:
    with pytest.raises(AwsError) as caught:
        world.call(operation, TransformJobName="none")
    assert caught.value.code == "ResourceNotFound"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ModelName": "none"}, "Could not find model"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "60 x 2"),
        ({"DataProcessing": {"InputFilter": "$..id"}}, "Invalid JSONPath"),
        (
            {"DataProcessing": {"OutputFilter": "$[0]"}, "input": {"ContentType": "text/plain"}},
            "needs ContentType",
        ),
        (
            {"DataProcessing": {"JoinSource": "Input"}, "output": {"Accept": "application/json"}},
            "Accept to be ContentType",
        ),
        (
            {"DataProcessing": {"JoinSource": "Input"}, "output": {"AssembleWith": "None"}},
            "SplitType and AssembleWith to agree",
        ),
    ],
)
def test_rejects_jobs_that_aws_would_refuse(world: World, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match=message) as caught:
        world.start(**changes)
    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize(
    "changes",
    [
        {"input": {"SplitType": "RecordIO"}},
        {"output": {"KmsKeyId": "key"}},
        {"resources": {"VolumeKmsKeyId": "key"}},
        {"DataCaptureConfig": {"DestinationS3Uri": "s3://data/captured"}},
    ],
    ids=str,
)
def test_rejects_what_is_not_emulated(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(NotEmulated):
        world.start(**changes)
