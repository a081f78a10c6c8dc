"""Asynchronous endpoints: what an AsyncInferenceConfig may say.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceConfig.html
"""

from dataclasses import dataclass
from typing import Final

from localcloud.errors import NotEmulated
from localcloud.sagemaker.names import Params, require_emulated

_OUTPUT: Final = frozenset({"KmsKeyId", "S3OutputPath", "S3FailurePath", "NotificationConfig"})
_TOPICS: Final = frozenset({"SuccessTopic", "ErrorTopic"})
_DEFAULT_CONCURRENCY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncSettings:
    """Where answers go, and how many requests an instance works on at once.

    Attributes:
        output_path: S3 address that answers are stored below.
        failure_path: the same of failures; without it none is stored.
        success_topic: ARN of the topic that is told of answers.
        error_topic: ARN of the topic that is told of failures.
        most_per_instance: requests at once in an instance; without MaxConcurrentInvocationsPerInstance
            SageMaker chooses, here 4.

    """

    output_path: str
    failure_path: str | None
    success_topic: str | None
    error_topic: str | None
    most_per_instance: int

    @classmethod
    def read(cls, given: Params) -> "AsyncSettings":
        """Read an AsyncInferenceConfig.

        Raises:
            NotEmulated: answers are to go into notifications, not to S3.

        """
        output = given["OutputConfig"]
        where = "CreateEndpointConfig.AsyncInferenceConfig.OutputConfig"
        require_emulated(output, _OUTPUT, where)
        topics = output.get("NotificationConfig", {})
        require_emulated(topics, _TOPICS, f"{where}.NotificationConfig")
        if not output.get("S3OutputPath"):
            raise NotEmulated(f"SageMaker {where} without S3OutputPath")
        client = given.get("ClientConfig", {})
        return cls(
            output_path=output["S3OutputPath"].rstrip("/"),
            failure_path=output.get("S3FailurePath", "").rstrip("/") or None,
            success_topic=topics.get("SuccessTopic"),
            error_topic=topics.get("ErrorTopic"),
            most_per_instance=client.get("MaxConcurrentInvocationsPerInstance", _DEFAULT_CONCURRENCY),
        )
