"""A SageMaker that trains for real, over objects in a dictionary."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.localcloud.sagemaker.objects_world import ROLE, ObjectsWorld, packed

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


class World(ObjectsWorld):
    """The service, with a script and data in S3."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            folder,
            {
                "s3://code/source.tar.gz": packed({"train.py": SCRIPT, "helper.py": HELPER}),
                "s3://data/train/a.txt": b"1",
                "s3://data/train/more/b.txt": b"2.5",
            },
        )

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
