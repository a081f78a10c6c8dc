"""A SageMaker Pipeline that trains the digits model and registers it: definition, script and data."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any, Final

from tidegate_cli.rehearsal.models import MODEL_CODE
from tidegate_cli.rehearsal.registry import IMAGE

TRAINING_CODE: Final = Path(__file__).parent / "training_code" / "train.py"

_JSON: Final = "application/json"


def source_archive() -> bytes:
    """Return the archive with the training script, and the inference code that it packs beside the model."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for path in (TRAINING_CODE, MODEL_CODE):
            archive.add(path, path.name)
    return target.getvalue()


def labelled_rows(rows: Any, labels: Any) -> bytes:
    """Return rows and labels as JSON lines: what the training reads, and a validation gate too."""
    lines = (
        json.dumps({"input": {"instances": [[float(pixel) for pixel in row]]}, "label": int(label)})
        for row, label in zip(rows, labels, strict=True)
    )
    return "".join(f"{line}\n" for line in lines).encode()


def pipeline_definition(*, bucket: str, group: str, role_arn: str, source: str, data: str) -> str:
    """Return the definition of the pipeline.

    Its parameters: `DataFraction`, the share of the data that it learns from, and `ModelVersion`, what the
    model says of itself. The version is registered as PendingManualApproval, with what its training measured.

    Args:
        bucket: Where the model goes.
        group: Model package group.
        role_arn: Role of the training job.
        source: `s3://` address of the archive with the script.
        data: `s3://` prefix of the labelled rows.

    """
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": [
                {"Name": "DataFraction", "Type": "String", "DefaultValue": "1"},
                {"Name": "ModelVersion", "Type": "String", "DefaultValue": "trained"},
            ],
            "Steps": [
                {
                    "Name": "Train",
                    "Type": "Training",
                    "Arguments": _training(f"s3://{bucket}/training", role_arn, source, data),
                },
                {"Name": "Register", "Type": "RegisterModel", "Arguments": _registration(group)},
            ],
        },
        indent=2,
    )


def _training(output: str, role_arn: str, source: str, data: str) -> dict[str, Any]:
    rows = {"S3DataType": "S3Prefix", "S3Uri": data, "S3DataDistributionType": "FullyReplicated"}
    return {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [
                {"Name": name, "Regex": f"{name}=([0-9.]+);"} for name in ("accuracy", "rows")
            ],
        },
        "HyperParameters": {
            "sagemaker_submit_directory": source,
            "sagemaker_program": TRAINING_CODE.name,
            "fraction": {"Get": "Parameters.DataFraction"},
            "version": {"Get": "Parameters.ModelVersion"},
        },
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": rows}}],
        "OutputDataConfig": {"S3OutputPath": output},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "RoleArn": role_arn,
    }


def _registration(group: str) -> dict[str, Any]:
    artifact = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    return {
        "ModelPackageGroupName": group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": artifact}],
            "SupportedContentTypes": [_JSON],
            "SupportedResponseMIMETypes": [_JSON],
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large", "ml.m5.xlarge"],
        },
        "CustomerMetadataProperties": {
            "version": {"Get": "Parameters.ModelVersion"},
            "accuracy": _told("accuracy"),
            "rows": _told("rows"),
            "tidegate:training-job": {"Get": "Steps.Train.TrainingJobName"},
        },
    }


def _told(metric: str) -> dict[str, Any]:
    """Return a metric of the training as text: metadata are texts."""
    value = {"Get": f"Steps.Train.FinalMetricDataList['{metric}'].Value"}
    return {"Std:Join": {"On": "", "Values": [value]}}
