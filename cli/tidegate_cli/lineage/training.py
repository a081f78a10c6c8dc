"""What made the artifact: a training job, and the SageMaker Pipeline that ran it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tidegate_cli.lineage.asking import Refusal, ask, moment, who
from tidegate_cli.lineage.links import Link, known
from tidegate_cli.operator.session import Aws
from tidegate_cli.operator.words import duration

_JOB: Final = "training job"
_EXECUTION: Final = "pipeline execution"


def training_link(aws: Aws, job: str, *, artifact: str) -> Link:
    """Describe a training job.

    Args:
        aws: Clients of its account and region.
        job: Its name or ARN.
        artifact: Where the version says its artifact is; empty when that was copied elsewhere.

    """
    name = job.rpartition("/")[2]
    described: Any = ask(lambda: aws.sagemaker.describe_training_job(TrainingJobName=name))
    if isinstance(described, Refusal):
        return Link(kind=_JOB, name=job, missing=f"it cannot be read: {described.reason}")
    made = described.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")
    other = f"it made {made}, but the version's artifact is {artifact}"
    return Link(
        kind=_JOB,
        name=described.get("TrainingJobArn", job),
        facts=_facts(described),
        notes=(other,) if artifact and made and made != artifact else (),
        origins=tuple(_data(described.get("InputDataConfig") or ())),
    )


def _facts(described: Any) -> dict[str, str]:
    seconds = described.get("TrainingTimeInSeconds")
    resources = described.get("ResourceConfig", {})
    parameters = described.get("HyperParameters") or {}
    metrics = described.get("FinalMetricDataList") or ()
    return known(
        status=described.get("TrainingJobStatus"),
        started=moment(described.get("TrainingStartTime") or described.get("CreationTime")),
        took="" if seconds is None else duration(seconds),
        hyperparameters=", ".join(f"{name}={value}" for name, value in sorted(parameters.items())),
        image=described.get("AlgorithmSpecification", {}).get("TrainingImage"),
        instances=f"{resources.get('InstanceCount')} x {resources['InstanceType']}"
        if resources.get("InstanceType")
        else "",
        metrics=", ".join(f"{one['MetricName']}={one['Value']:g}" for one in metrics),
    )


def _data(channels: Sequence[Any]) -> Iterator[Link]:
    for channel in channels:
        source = channel.get("DataSource", {})
        place = source.get("S3DataSource", {}).get("S3Uri", "")
        files = source.get("FileSystemDataSource", {})
        yield Link(
            kind="training data",
            name=place or f"{files.get('FileSystemId', '')}{files.get('DirectoryPath', '')}",
            facts=known(channel=channel.get("ChannelName"), content_type=channel.get("ContentType")),
        )


def pipeline_link(aws: Aws, arn: str) -> Link:
    """Describe an execution of a SageMaker Pipeline, with its parameters and its steps.

    The fact `training job` is the ARN of the one that a step ran, for versions that do not name theirs.
    """
    described: Any = ask(lambda: aws.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn))
    if isinstance(described, Refusal):
        return Link(kind=_EXECUTION, name=arn, missing=f"it cannot be read: {described.reason}")
    given: Any = ask(lambda: aws.sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn))
    ran: Any = ask(lambda: aws.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn))
    parameters = [] if isinstance(given, Refusal) else given.get("PipelineParameters", [])
    steps = [] if isinstance(ran, Refusal) else ran.get("PipelineExecutionSteps", [])
    return Link(
        kind=_EXECUTION,
        name=arn,
        facts=known(
            status=described.get("PipelineExecutionStatus"),
            started=moment(described.get("CreationTime")),
            started_by=who(described.get("CreatedBy")),
            parameters=", ".join(f"{one['Name']}={one['Value']}" for one in parameters),
            steps=", ".join(f"{step['StepName']} {step.get('StepStatus', '')}".rstrip() for step in steps),
            training_job=next((job for step in steps if (job := _job_of(step))), ""),
        ),
    )


def _job_of(step: Any) -> str:
    return str(step.get("Metadata", {}).get("TrainingJob", {}).get("Arn", ""))
