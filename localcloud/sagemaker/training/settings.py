"""What CreateTrainingJob asks for, checked.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and, for the
hyperparameters of script mode,
https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from localcloud.errors import NotEmulated
from localcloud.sagemaker.names import Params, invalid, require_emulated

SUBMIT_DIRECTORY: Final = "sagemaker_submit_directory"
PROGRAM: Final = "sagemaker_program"

_JOB: Final = frozenset(
    {"TrainingJobName", "HyperParameters", "AlgorithmSpecification", "RoleArn", "InputDataConfig"}
    | {"OutputDataConfig", "ResourceConfig", "StoppingCondition", "Environment", "Tags"}
    | {"EnableNetworkIsolation"}
)
_CHANNEL: Final = frozenset({"ChannelName", "DataSource", "ContentType", "CompressionType", "InputMode"})
_OWN: Final = "sagemaker_"
_LONGEST_RUN_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a job works.

    Attributes:
        source_uri: archive with the training script.
        program: the script's name in it.
        hyperparameters: those of the script, as text; SageMaker's own are left out.
        channels: S3 prefix of each input channel.
        output_path: where the model goes.
        environment: environment variables of the container.
        longest_seconds: cloud seconds after which the job is stopped.
        metrics: name and pattern of each metric that is read from the script's output.

    """

    source_uri: str
    program: str
    hyperparameters: Mapping[str, str]
    channels: Mapping[str, str]
    output_path: str
    environment: Mapping[str, str]
    longest_seconds: int
    metrics: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def parse(cls, params: Params) -> Self:
        """Check a request.

        Raises:
            AwsError: ValidationException, with what was wrong.
            NotEmulated: for several instances, pipe mode, images without a training script and other members.

        """
        _check_emulated(params)
        given: Mapping[str, str] = params.get("HyperParameters", {})
        missing = [name for name in (SUBMIT_DIRECTORY, PROGRAM) if name not in given]
        if missing:
            what = "CreateTrainingJob without the hyperparameters of script mode"
            raise NotEmulated(f"SageMaker {what} ({', '.join(missing)}): images are not run")
        return cls(
            source_uri=_plain(given[SUBMIT_DIRECTORY]),
            program=_plain(given[PROGRAM]),
            hyperparameters={name: value for name, value in given.items() if not name.startswith(_OWN)},
            channels=_channels(params.get("InputDataConfig", [])),
            output_path=params["OutputDataConfig"]["S3OutputPath"],
            environment=params.get("Environment", {}),
            longest_seconds=params["StoppingCondition"].get("MaxRuntimeInSeconds", _LONGEST_RUN_SECONDS),
            metrics=_metrics(params["AlgorithmSpecification"].get("MetricDefinitions", [])),
        )


def _plain(value: str) -> str:
    """Return a hyperparameter of SageMaker's own; the Python SDK writes them as JSON."""
    try:
        found: Any = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, str) else value


def _check_emulated(params: Params) -> None:
    where = "CreateTrainingJob"
    require_emulated(params, _JOB, where)
    specification = params.get("AlgorithmSpecification")
    if specification is None:
        raise NotEmulated(f"SageMaker {where} without AlgorithmSpecification")
    require_emulated(
        specification,
        {"TrainingImage", "TrainingInputMode", "MetricDefinitions"},
        f"{where}.AlgorithmSpecification",
    )
    if specification["TrainingInputMode"] != "File":
        raise NotEmulated(f"SageMaker {where}.TrainingInputMode {specification['TrainingInputMode']}")
    resources = params.get("ResourceConfig", {})
    require_emulated(
        resources, {"InstanceType", "InstanceCount", "VolumeSizeInGB"}, f"{where}.ResourceConfig"
    )
    if resources.get("InstanceCount", 1) != 1:
        raise NotEmulated(f"SageMaker {where} on several instances")
    require_emulated(params["OutputDataConfig"], {"S3OutputPath"}, f"{where}.OutputDataConfig")
    stopping = params.get("StoppingCondition")
    if stopping is None:
        raise invalid("StoppingCondition is required")
    require_emulated(stopping, {"MaxRuntimeInSeconds"}, f"{where}.StoppingCondition")


def _channels(given: list[Params]) -> dict[str, str]:
    found: dict[str, str] = {}
    for channel in given:
        name, where = channel["ChannelName"], "CreateTrainingJob.InputDataConfig"
        require_emulated(channel, _CHANNEL, where)
        source = channel["DataSource"].get("S3DataSource")
        if source is None:
            raise NotEmulated(f"SageMaker {where}.DataSource other than S3DataSource")
        require_emulated(source, {"S3DataType", "S3Uri", "S3DataDistributionType"}, f"{where}.S3DataSource")
        if source["S3DataType"] != "S3Prefix" or channel.get("CompressionType", "None") != "None":
            raise NotEmulated(f"SageMaker {where} other than S3Prefix without compression")
        if channel.get("InputMode", "File") != "File":
            raise NotEmulated(f"SageMaker {where}.InputMode {channel['InputMode']}")
        if name in found:
            raise invalid(f"Input channel names must be unique, got {name} twice")
        found[name] = source["S3Uri"]
    return found


def _metrics(given: list[Params]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    try:
        return tuple((each["Name"], re.compile(each["Regex"])) for each in given)
    except re.error as error:
        raise invalid(f"a metric's Regex is none: {error}") from error
