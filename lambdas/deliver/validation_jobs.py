"""The transform job that asks one package version the validation set, and the model that it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from tidegate_runtime.naming import content_name
from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import Gate

FOLDER: Final = "delivery/validation"
"""Below it lies everything that the gate writes into the artifact bucket."""

_INPUT: Final = "input.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationJob:
    """One package version before the validation set.

    Attributes:
        who: `candidate` or `live`.
        package: ARN of the version.
        name: Of the model and of the job.

    """

    who: str
    package: str
    name: str

    @classmethod
    def of(cls, who: str, package: str, *, endpoint: str, execution: str, attempt: str) -> Self:
        """Return the job of a version; its name is a hash, so that starting it twice is starting it once.

        Args:
            who: `candidate` or `live`.
            package: ARN of the version.
            endpoint: Name of the endpoint: how the name begins.
            execution: Id of the pipeline's execution.
            attempt: What tells a retried stage from the stage's first run.

        """
        content = {"execution": execution, "package": package, "attempt": attempt}
        return cls(who=who, package=package, name=content_name(f"{endpoint}-validation", content))

    @property
    def output_key(self) -> str:
        """Key of the object that the job writes.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformOutput.html
        """
        return f"{FOLDER}/{self.name}/{_INPUT}.out"

    def model(self, containers: Sequence[Mapping[str, Any]], *, gate: Gate, role_arn: str) -> dict[str, Any]:
        """Return the request that creates the model; variables of the gate are the first container's."""
        beside = dict(gate.model)
        added = beside.pop("Environment", {})
        first, *others = containers
        environment = {**first.get("Environment", {}), **added}
        whole = [{**first, **({"Environment": environment} if environment else {})}, *map(dict, others)]
        served = {"Containers": whole} if others else {"PrimaryContainer": whole[0]}
        return {"ModelName": self.name, "ExecutionRoleArn": role_arn, **served, **beside}

    def transform(self, *, gate: Gate, input_uri: str, output_uri: str) -> dict[str, Any]:
        """Return the request that starts the job: a request for each row, a line for each answer."""
        accept = {} if gate.accept is None else {"Accept": gate.accept}
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": input_uri}}
        return {
            "TransformJobName": self.name,
            "ModelName": self.name,
            "BatchStrategy": "SingleRecord",
            "TransformInput": {"DataSource": source, "ContentType": gate.content_type, "SplitType": "Line"},
            "TransformOutput": {
                "S3OutputPath": output_uri.removesuffix(f"/{_INPUT}.out"),
                "AssembleWith": "Line",
                **accept,
            },
            "TransformResources": {"InstanceType": gate.instance_type, "InstanceCount": 1},
        }


def input_key(data: DataSet) -> str:
    """Return the key of the inputs: of its own for each content."""
    return f"{FOLDER}/{data.digest}/{_INPUT}"
