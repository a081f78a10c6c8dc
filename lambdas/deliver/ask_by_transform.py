"""Asking a version by a batch transform job of its own: it ends by itself, whoever stops the pipeline.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

from dataclasses import dataclass
from typing import Any, Final

from deliver.asked_models import AskedModels
from deliver.asking import ANSWERED, FAILED, FOLDER, NEW, STOPPED, WORKING, Asked, Look
from tidegate_runtime.validation.answers import AnswersInvalid, predictions
from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import Gate
from tidegate_runtime.validation.ports import COMPLETED, Objects, Transform, Transforms

_INPUT: Final = "input.jsonl"
_STATES: Final = {COMPLETED: ANSWERED, "Failed": FAILED, "Stopped": STOPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTransform:
    """Starts a job for each version, and reads the lines that it has written."""

    gate: Gate
    data: DataSet
    models: AskedModels
    transforms: Transforms
    objects: Objects

    def look(self, asked: Asked) -> Look:
        """Tell how far it is."""
        job = self.transforms.describe(asked.name)
        if job is None:
            return Look(state=NEW, told="its transform job was not started")
        return _seen(asked, job)

    def go_on(self, asked: Asked, look: Look) -> Look:
        """Start the job; one that runs needs nothing."""
        if look.state != NEW:
            return look
        key = f"{FOLDER}/{self.data.digest}/{_INPUT}"
        self.objects.write(key, self.data.lines)
        self.models.make(asked)
        self.transforms.start(self._request(asked, self.objects.uri(key)))
        return _seen(asked, Transform(status="InProgress"))

    def stop(self, asked: Asked) -> None:
        """Stop the job."""
        self.transforms.stop(asked.name)

    def predictions(self, asked: Asked, look: Look) -> list[Any]:  # noqa: ARG002  (the port's signature)
        """Return the prediction of each row; raises AnswersInvalid when one is missing."""
        key = _output_key(asked)
        content = self.objects.read(key)
        if content is None:
            raise AnswersInvalid(f"the job {asked.name} has written no {self.objects.uri(key)}")
        return predictions(content, rows=len(self.data), pointer=self.gate.prediction)

    def clean(self, asked: Asked) -> None:
        """Delete the model: jobs stay on record, and cost nothing."""
        self.models.delete(asked)

    def _request(self, asked: Asked, input_uri: str) -> dict[str, Any]:
        """Return what starts the job: a request for each row, a line for each answer."""
        accept = {} if self.gate.accept is None else {"Accept": self.gate.accept}
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": input_uri}}
        kind = self.gate.content_type
        return {
            "TransformJobName": asked.name,
            "ModelName": asked.name,
            "BatchStrategy": "SingleRecord",
            "TransformInput": {"DataSource": source, "ContentType": kind, "SplitType": "Line"},
            "TransformOutput": {
                "S3OutputPath": self.objects.uri(f"{FOLDER}/{asked.name}"),
                "AssembleWith": "Line",
                **accept,
            },
            "TransformResources": {"InstanceType": self.gate.instance_type, "InstanceCount": 1},
        }


def _seen(asked: Asked, job: Transform) -> Look:
    why = f": {job.reason}" if job.reason else ""
    told = f"its transform job {asked.name} is {job.status}{why}"
    return Look(state=_STATES.get(job.status, WORKING), told=told)


def _output_key(asked: Asked) -> str:
    """Return the key of the object that the job writes.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformOutput.html
    """
    return f"{FOLDER}/{asked.name}/{_INPUT}.out"
