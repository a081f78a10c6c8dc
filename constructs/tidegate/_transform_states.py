"""The states of a batch transform machine: defaults, the execution's own input over them, the job."""

from typing import Any, Final

from aws_cdk import Aws
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from tidegate.transform_job import TransformJob

# Throttled or lost requests. The job's name is that of the execution: if an answer got lost, SageMaker
# refuses the repetition, and the execution fails instead of starting a second job.
_RETRIED: Final = ["SageMaker.AmazonSageMakerException", "SageMaker.SdkClientException"]


def transform_states(scope: Construct, *, name: str, model_name: str, job: TransformJob) -> sfn.IChainable:
    """Return the chain of states that runs the job and waits for its end.

    Args:
        scope: Parent of the states.
        name: Begin of the job's name.
        model_name: Name of the model.
        job: The settings.

    """
    defaults = sfn.Pass(
        scope,
        "Defaults",
        parameters={
            "defaults": {"input_uri": job.input_uri, "output_uri": job.output_uri},
            "given": sfn.JsonPath.object_at("$"),
        },
    )
    merged = sfn.Pass(
        scope,
        "Merge",
        parameters={
            "job": sfn.JsonPath.json_merge(
                sfn.JsonPath.object_at("$.defaults"), sfn.JsonPath.object_at("$.given")
            ),
            "name": sfn.JsonPath.format(f"{name}-{{}}", sfn.JsonPath.hash(sfn.JsonPath.execution_id, "MD5")),
        },
    )
    run = sfn.CustomState(
        scope,
        "Transform",
        state_json={
            "Type": "Task",
            "Resource": f"arn:{Aws.PARTITION}:states:::sagemaker:createTransformJob.sync",
            "Parameters": _without_nothing(_parameters(model_name, job)),
            "Retry": [
                {
                    "ErrorEquals": _RETRIED,
                    "IntervalSeconds": 5,
                    "BackoffRate": 2,
                    "MaxAttempts": 5,
                    "MaxDelaySeconds": 120,
                    "JitterStrategy": "FULL",
                }
            ],
        },
    )
    return defaults.next(merged).next(run)


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
