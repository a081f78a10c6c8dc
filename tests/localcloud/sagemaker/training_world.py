"""A SageMaker that trains for real, over objects in a dictionary."""

import io
import json
import tarfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.cloudwatch.store import MetricStore
from localcloud.errors import AwsError
from localcloud.hosting import HostingEngine
from localcloud.sagemaker import SageMaker
from localcloud.sagemaker.transform import Objects
from tests.localcloud.sagemaker.sagemaker_world import ROLE

SCALE = 1200.0
DEADLINE_SECONDS = 20.0
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"

SCRIPT: Final = """
import argparse, json, os, pathlib, sys, time

from helper import doubled

parser = argparse.ArgumentParser()
parser.add_argument("--factor", type=float, default=1.0)
parser.add_argument("--note", default="")
given = parser.parse_args()
if given.note == "fail":
    raise ValueError("the data has no rows")
if given.note == "exit":
    sys.exit(3)
if given.note == "wait":
    time.sleep(60)
channel = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"])
total = sum(float(path.read_text()) for path in sorted(channel.rglob("*.txt")))
model = pathlib.Path(os.environ["SM_MODEL_DIR"])
seen = {name: value for name, value in os.environ.items()}
config = pathlib.Path(os.environ["SM_INPUT_CONFIG_DIR"])
seen["hyperparameters.json"] = json.loads((config / "hyperparameters.json").read_text())
(model / "model.json").write_text(json.dumps({"value": doubled(total * given.factor), "seen": seen}))
(model / "code").mkdir()
(model / "code" / "inference.py").write_text("# serves\\n")
print("epoch 1 accuracy=0.5;")
print("epoch 2 accuracy=0.75;")
"""
HELPER: Final = "def doubled(value):\n    return 2 * value\n"


def packed(files: Mapping[str, str]) -> bytes:
    """Return a tar.gz with these files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return target.getvalue()


def training(**changes: Any) -> dict[str, Any]:
    """Return the arguments of a training job, without its name; `hyperparameters` are added to its own."""
    own = {"sagemaker_submit_directory": '"s3://code/source.tar.gz"', "sagemaker_program": "train.py"}
    channel = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}
    return {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "accuracy", "Regex": "accuracy=([0-9.]+);"}],
        },
        "RoleArn": ROLE,
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": channel}}],
        "OutputDataConfig": {"S3OutputPath": "s3://models/trained"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "HyperParameters": {**own, **changes.pop("hyperparameters", {})},
        **changes,
    }


class World:
    """The service, its S3 and its events."""

    def __init__(self, folder: Path) -> None:
        self.objects: dict[str, bytes] = {
            "s3://code/source.tar.gz": packed({"train.py": SCRIPT, "helper.py": HELPER}),
            "s3://data/train/a.txt": b"1",
            "s3://data/train/more/b.txt": b"2.5",
        }
        self.events: list[tuple[str, str, dict[str, Any], list[str]]] = []
        self.clock = CloudClock(SCALE)
        self.sagemaker = SageMaker(
            self.clock,
            MetricStore(),
            lambda *event: self.events.append(event),
            self.read,
            HostingEngine(folder, self.read),
            objects=Objects(below=self.below, read=self.read, write=self.write),
        )

    def below(self, uri: str) -> list[str]:
        return sorted(each for each in self.objects if each.startswith(uri))

    def read(self, uri: str) -> bytes:
        if uri not in self.objects:
            raise AwsError("ValidationException", f"Could not find model data at {uri}.")
        return self.objects[uri]

    def write(self, uri: str, data: bytes, _content_type: str) -> None:
        if uri.startswith("s3://closed/"):
            raise AwsError("ValidationException", "Access Denied")
        self.objects[uri] = data

    def call(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return self.sagemaker.call(operation, params)

    def train(self, name: str = "job", **changes: Any) -> dict[str, Any]:
        """Start a job, wait for its end and describe it."""
        self.call("CreateTrainingJob", TrainingJobName=name, **training(**changes))
        self.until(lambda: self.job(name)["TrainingJobStatus"] not in ("InProgress", "Stopping"))
        return self.job(name)

    def job(self, name: str = "job") -> dict[str, Any]:
        return self.call("DescribeTrainingJob", TrainingJobName=name)

    def model(self, uri: str) -> dict[str, str]:
        """Return the files of a model archive."""
        with tarfile.open(fileobj=io.BytesIO(self.objects[uri])) as tar:
            files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
            return {name: file.read().decode() for name, file in files.items() if file is not None}

    def statuses(self, kind: str, member: str) -> list[str]:
        return [detail[member] for _, each, detail, _ in self.events if each == kind]

    def define(self, *steps: Mapping[str, Any], parameters: list[Mapping[str, Any]] | None = None) -> str:
        return json.dumps({"Version": "2020-12-01", "Parameters": parameters or [], "Steps": list(steps)})

    def pipeline(self, definition: str, name: str = "Digits-Training") -> dict[str, Any]:
        return self.call(
            "CreatePipeline",
            PipelineName=name,
            PipelineDefinition=definition,
            ClientRequestToken="t" * 32,
            RoleArn=ROLE,
        )

    def start(self, token: str = "one", name: str = "Digits-Training", **parameters: str) -> str:
        answer = self.call(
            "StartPipelineExecution",
            PipelineName=name,
            ClientRequestToken=token.ljust(32, "-"),
            PipelineParameters=[{"Name": key, "Value": value} for key, value in parameters.items()],
        )
        return str(answer["PipelineExecutionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Wait for the end of an execution and describe it."""
        self.until(
            lambda: self.execution(execution)["PipelineExecutionStatus"] not in ("Executing", "Stopping")
        )
        return self.execution(execution)

    def execution(self, arn: str) -> dict[str, Any]:
        return self.call("DescribePipelineExecution", PipelineExecutionArn=arn)

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        found = self.call("ListPipelineExecutionSteps", PipelineExecutionArn=arn)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in found}

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError("it did not happen in time")
            time.sleep(0.01)

    def close(self) -> None:
        self.sagemaker.close()
        self.clock.close()
