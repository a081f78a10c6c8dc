"""A SageMaker that runs transform jobs over objects in a dictionary, with real model processes."""

from pathlib import Path
from typing import Any

from tests.localcloud.sagemaker.objects_world import ROLE, ObjectsWorld
from tests.localcloud.sagemaker.sagemaker_world import archive

SUMS = """
import json, os, time
def model_fn(model_dir):
    return float(os.environ.get("FACTOR", "1"))
def input_fn(body, content_type):
    text = body.decode()
    if "wait" in text:
        time.sleep(30)
    if "bug" in text:
        raise ValueError("negative width")
    if "unknown" in text:
        raise UnsupportedFormatError(text)
    if content_type == "text/csv":
        return [[float(cell) for cell in line.split(",")] for line in text.split("\\n")]
    return [json.loads(line) for line in text.split("\\n")]
def predict_fn(data, factor):
    return [factor * sum(row if isinstance(row, list) else row["values"]) for row in data]
def output_fn(prediction, accept):
    note = os.environ.get("NOTE")
    rows = [f"{value:g}" for value in prediction]
    kind = "text/csv" if "*" in accept else accept
    return ("\\n".join(rows) if note is None else f"{note}:{len(rows)}:{os.getpid()}"), kind
class UnsupportedFormatError(Exception):
    pass
"""


class World(ObjectsWorld):
    """The service, with a model that sums."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"s3://models/sums.tar.gz": archive(SUMS)})
        container = {"Image": "image:1", "ModelDataUrl": "s3://models/sums.tar.gz"}
        self.call("CreateModel", ModelName="sums", PrimaryContainer=container, ExecutionRoleArn=ROLE)

    def start(self, name: str = "job", **changes: Any) -> None:
        """Start a job on CSV, by line; `input`, `output` and `resources` change members of theirs."""
        source = {
            "ContentType": "text/csv",
            "SplitType": "Line",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in/"}},
            **changes.pop("input", {}),
        }
        sink = {
            "S3OutputPath": "s3://data/out/",
            "Accept": "text/csv",
            "AssembleWith": "Line",
            **changes.pop("output", {}),
        }
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, **changes.pop("resources", {})}
        request = {
            "TransformJobName": name,
            "ModelName": "sums",
            "TransformInput": source,
            "TransformOutput": sink,
            "TransformResources": resources,
            **changes,
        }
        self.call("CreateTransformJob", **request)

    def describe(self, name: str = "job") -> dict[str, Any]:
        return self.call("DescribeTransformJob", TransformJobName=name)

    def run(self, **changes: Any) -> dict[str, Any]:
        """Start a job, wait for its end and describe it."""
        self.start(**changes)
        self.until(lambda: self.describe()["TransformJobStatus"] != "InProgress")
        return self.describe()

    def answers(self) -> dict[str, str]:
        """Return what was written, by key."""
        prefix = "s3://data/out/"
        return {key.removeprefix(prefix): self.objects[key].decode() for key in self.below(prefix)}

    def statuses(self) -> list[str]:
        wanted = "SageMaker Transform Job State Change"
        return [detail["TransformJobStatus"] for _, kind, detail, _ in self.events if kind == wanted]
