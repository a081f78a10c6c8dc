"""The states of a batch transform machine: defaults, the execution's own input over them, the job."""

from collections.abc import Mapping
from typing import Any, Final

from tidegate._states import retry
from tidegate.transform_job import TransformJob

# Throttled or lost requests. The job's name is that of the execution: if an answer got lost, SageMaker
# refuses the repetition, and the execution fails instead of starting a second job.
_RETRIED: Final = ["SageMaker.AmazonSageMakerException", "SageMaker.SdkClientException"]


def transform_definition(
    *, name: str, model_name: str, job: TransformJob, run_job: str, timeout_seconds: int
) -> Mapping[str, Any]:
    """Return the machine that runs the job and waits for its end.

    Args:
        name: Begin of the job's name.
        model_name: Name of the model.
        job: The settings.
        run_job: The service integration that runs it.
        timeout_seconds: When an execution is ended by force.

    """
    return {
        "StartAt": "Defaults",
        "TimeoutSeconds": timeout_seconds,
        "States": {
            "Defaults": {
                "Type": "Pass",
                "Parameters": {
                    "defaults": {"input_uri": job.input_uri, "output_uri": job.output_uri},
                    "given.$": "$",
                },
                "Next": "Merge",
            },
            "Merge": {
                "Type": "Pass",
                "Parameters": {
                    "job.$": "States.JsonMerge($.defaults, $.given, false)",
                    "name.$": f"States.Format('{name}-{{}}', States.Hash($$.Execution.Id, 'MD5'))",
                },
                "Next": "Transform",
            },
            "Transform": {
                "Type": "Task",
                "Resource": run_job,
                "Parameters": _without_nothing(_parameters(model_name, job)),
                "Retry": [retry(_RETRIED, max_attempts=5, first_seconds=5, longest=120)],
                "End": True,
            },
        },
    }


def _parameters(model_name: str, job: TransformJob) -> dict[str, Any]:
    associated = job.join_input or job.input_filter is not None or job.output_filter is not None
    return {
        "TransformJobName.$": "$.name",
        "ModelName": model_name,
        "BatchStrategy": job.strategy,
        "MaxConcurrentTransforms": job.max_concurrent_transforms,
        "MaxPayloadInMB": job.max_payload_mb,
        "ModelClientConfig": {
            "InvocationsTimeoutInSeconds": job.timeout_seconds,
            "InvocationsMaxRetries": job.max_retries,
        },
        "Environment": dict(job.environment),
        "TransformInput": {
            "ContentType": job.content_type,
            "SplitType": job.split,
            "CompressionType": "Gzip" if job.gzip else "None",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "ManifestFile" if job.manifest else "S3Prefix",
                    "S3Uri.$": "$.job.input_uri",
                }
            },
        },
        "TransformOutput": {
            "S3OutputPath.$": "$.job.output_uri",
            "Accept": job.accept,
            "AssembleWith": "Line" if job.assemble_lines else "None",
        },
        "TransformResources": {"InstanceType": job.instance_type, "InstanceCount": job.instance_count},
        "DataProcessing": {
            "InputFilter": job.input_filter,
            "OutputFilter": job.output_filter,
            "JoinSource": ("Input" if job.join_input else "None") if associated else None,
        },
    }


def _without_nothing(value: dict[str, Any]) -> dict[str, Any]:
    """Return `value` without None and without empty structures: the API refuses both."""
    kept = {name: _without_nothing(one) if isinstance(one, dict) else one for name, one in value.items()}
    return {name: one for name, one in kept.items() if one is not None and one != {}}
