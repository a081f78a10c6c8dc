"""The events that SageMaker puts on the default bus.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

import datetime
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from localcloud.sagemaker.tags import Tags

if TYPE_CHECKING:
    from localcloud.sagemaker.endpoint import Endpoint
    from localcloud.sagemaker.packages import ModelPackage
    from localcloud.sagemaker.pipelines.execution import PipelineExecution
    from localcloud.sagemaker.training.job import TrainingJob
    from localcloud.sagemaker.transform.job import TransformJob

Emit = Callable[[str, str, dict[str, Any], list[str]], None]

_SOURCE: Final = "aws.sagemaker"
_WORD_START: Final = re.compile(r"(?<!^)(?=[A-Z])")
_VARIANT: Final = (
    "VariantName",
    "CurrentWeight",
    "DesiredWeight",
    "CurrentInstanceCount",
    "DesiredInstanceCount",
    "VariantStatus",
)


class Events:
    """Builds events as documented.

    Args:
        emit: puts one on the bus: source, detail type, detail, resources.
        tags: tags of the resources, which events carry.

    """

    def __init__(self, emit: Emit, tags: Tags) -> None:
        self._emit = emit
        self._tags = tags

    def package(self, package: "ModelPackage") -> None:
        """Tell that a model package was made or its approval changed."""
        detail = package.description()
        detail = {key: value for key, value in detail.items() if key not in ("ModelPackageName", "Task")}
        detail |= {"CreationTime": _iso(package.created), "LastModifiedTime": _iso(package.modified)}
        detail["Tags"] = self._tags.of(package.group.arn)
        self._emit(_SOURCE, "SageMaker Model Package State Change", detail, [package.arn])

    def endpoint(self, endpoint: "Endpoint") -> None:
        """Tell that an endpoint's status changed; the status is written in capitals there."""
        detail = self._endpoint_detail(endpoint)
        self._emit(_SOURCE, "SageMaker Endpoint State Change", detail, [endpoint.arn])

    def deployment(self, endpoint: "Endpoint") -> None:
        """Tell that a deployment on an endpoint began or moved on."""
        detail = self._endpoint_detail(endpoint)
        self._emit(_SOURCE, "SageMaker Endpoint Deployment State Change", detail, [endpoint.arn])

    def transform_job(self, job: "TransformJob") -> None:
        """Tell that a transform job was made or its status changed."""
        described = job.describe()
        times = {
            name: _milliseconds(described[name])
            for name in ("CreationTime", "TransformStartTime", "TransformEndTime")
            if name in described
        }
        detail = described | times | {"Tags": self._tags.of(job.arn)}
        self._emit(_SOURCE, "SageMaker Transform Job State Change", detail, [job.arn])

    def training_job(self, job: "TrainingJob") -> None:
        """Tell that a training job was made or its status changed."""
        described = job.describe()
        times = {
            name: _milliseconds(described[name])
            for name in ("CreationTime", "LastModifiedTime", "TrainingStartTime", "TrainingEndTime")
            if name in described
        }
        stages = [
            {name: _milliseconds(value) if name.endswith("Time") else value for name, value in each.items()}
            for each in described["SecondaryStatusTransitions"]
        ]
        left_out = ("FinalMetricDataList", "Environment")
        detail = {name: value for name, value in described.items() if name not in left_out}
        detail |= times | {"SecondaryStatusTransitions": stages, "Tags": self._tags.of(job.arn)}
        self._emit(_SOURCE, "SageMaker Training Job State Change", detail, [job.arn])

    def pipeline_execution(self, execution: "PipelineExecution", *, before: str) -> None:
        """Tell that the execution of a pipeline began, or its status changed."""
        detail = {
            "pipelineArn": execution.pipeline_arn,
            "pipelineExecutionArn": execution.arn,
            "pipelineExecutionDisplayName": execution.display_name,
            "currentPipelineExecutionStatus": execution.status,
            "previousPipelineExecutionStatus": before or None,
            "executionStartTime": _iso(execution.created),
            "executionEndTime": None if execution.ended is None else _iso(execution.ended),
        }
        told = {name: value for name, value in detail.items() if value is not None}
        kind = "SageMaker Model Building Pipeline Execution Status Change"
        self._emit(_SOURCE, kind, told, [execution.pipeline_arn, execution.arn])

    def _endpoint_detail(self, endpoint: "Endpoint") -> dict[str, Any]:
        described = endpoint.describe()
        detail = {name: described[name] for name in ("EndpointName", "EndpointArn", "EndpointConfigName")}
        detail |= {
            "ProductionVariants": [_variant(each) for each in described["ProductionVariants"]],
            "EndpointStatus": _WORD_START.sub("_", endpoint.status).upper(),
            "CreationTime": _milliseconds(endpoint.created),
            "LastModifiedTime": _milliseconds(endpoint.modified),
            "Tags": self._tags.of(endpoint.arn),
        }
        if endpoint.failure_reason:
            detail["FailureReason"] = endpoint.failure_reason
        pending = described.get("PendingDeploymentSummary")
        if pending:
            variants = [_variant(each) for each in pending["ProductionVariants"]]
            started = _milliseconds(pending["StartTime"])
            detail["PendingDeploymentSummary"] = {
                **pending,
                "ProductionVariants": variants,
                "StartTime": started,
            }
        return detail


def _variant(described: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: described[name] for name in _VARIANT if name in described}
    if "VariantStatus" in kept:
        kept["VariantStatus"] = [
            each | {"StartTime": _milliseconds(each["StartTime"])} for each in kept["VariantStatus"]
        ]
    return kept


def _milliseconds(epoch: float) -> int:
    return int(epoch * 1000)


def _iso(epoch: float) -> str:
    return datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
