"""Where an asynchronous endpoint puts its answers, and whom it tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from tidegate._s3_uri import bucket_arn, object_arn, require_s3
from tidegate._validation import Faults

LONGEST_PATH: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncInference:
    """Output, failures, notifications and concurrency of an asynchronous endpoint.

    Attributes:
        output_uri: `s3://` address below which answers are written, at most 512 characters.
        failure_uri: `s3://` address below which failures are written; another one than `output_uri`.
        success_topic: Topic that is told of each answer; nobody is told when None.
        error_topic: Topic that is told of each failure; another one than `success_topic`.
        answers_in_notifications: Whether the answer itself (up to 128 KB) is put into the notifications of
            the given topics. Off by default.
        max_concurrent_invocations_per_instance: Requests that an instance works on at the same time, 1 to
            1000; SageMaker's own choice when None.
        kms_key: Key that encrypts the answers in S3; the bucket's own encryption when None.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        AsyncInference.to("s3://answers/digits/ok", failures="s3://answers/digits/failed")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html

    """

    output_uri: str
    failure_uri: str
    success_topic: sns.ITopic | None = None
    error_topic: sns.ITopic | None = None
    answers_in_notifications: bool = False
    max_concurrent_invocations_per_instance: int | None = None
    kms_key: kms.IKey | None = None

    def __post_init__(self) -> None:
        faults = Faults("async inference")
        for name in ("output_uri", "failure_uri"):
            require_s3(faults, getattr(self, name), field=name, longest=LONGEST_PATH)
        faults.rule(
            "async-addresses",
            ok=self.output_uri.rstrip("/") != self.failure_uri.rstrip("/"),
            message=f"failure_uri must differ from output_uri, got {self.failure_uri!r} twice",
        )
        self._check_topics(faults)
        count = self.max_concurrent_invocations_per_instance
        faults.within("async-concurrency", max_concurrent_invocations_per_instance=count)
        faults.raise_if_any()

    @classmethod
    def to(
        cls,
        output_uri: str,
        *,
        failures: str,
        max_concurrent_invocations_per_instance: int | None = None,
        kms_key: kms.IKey | None = None,
    ) -> "AsyncInference":
        """Return the settings of an endpoint that tells nobody."""
        return cls(
            output_uri=output_uri,
            failure_uri=failures,
            max_concurrent_invocations_per_instance=max_concurrent_invocations_per_instance,
            kms_key=kms_key,
        )

    @property
    def topics(self) -> tuple[sns.ITopic, ...]:
        """The topics that are told, success first."""
        return tuple(topic for topic in (self.success_topic, self.error_topic) if topic is not None)

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what the execution role needs to deliver answers, failures and notifications."""
        found = [
            iam.PolicyStatement(
                sid="DeliverAnswers",
                actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
                resources=[object_arn(self.output_uri), object_arn(self.failure_uri)],
            ),
            iam.PolicyStatement(
                sid="FindAnswers",
                actions=["s3:ListBucket"],
                resources=sorted({bucket_arn(self.output_uri), bucket_arn(self.failure_uri)}),
            ),
        ]
        return [*found, *_notify(self.topics), *_encrypt(self.kms_key)]

    def _check_topics(self, faults: Faults) -> None:
        success, error = self.success_topic, self.error_topic
        faults.rule(
            "async-topics",
            ok=success is None or error is None or success.topic_arn != error.topic_arn,
            message="error_topic must differ from success_topic",
        )
        faults.rule(
            "async-answers-without-topic",
            ok=bool(self.topics) or not self.answers_in_notifications,
            message="answers_in_notifications needs a success_topic or an error_topic, got none",
        )


def _notify(topics: Sequence[sns.ITopic]) -> list[iam.PolicyStatement]:
    if not topics:
        return []
    arns = [topic.topic_arn for topic in topics]
    return [iam.PolicyStatement(sid="Notify", actions=["sns:Publish"], resources=arns)]


def _encrypt(key: kms.IKey | None) -> list[iam.PolicyStatement]:
    if key is None:
        return []
    # An upload in parts reads back what it wrote.
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    return [iam.PolicyStatement(sid="EncryptAnswers", actions=actions, resources=[key.key_arn])]
