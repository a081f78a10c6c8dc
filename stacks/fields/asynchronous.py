"""An endpoint that queues its requests."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks.declared import Declared
from stacks.fields.alarms import QueueAlarmsPart
from stacks.fields.fleet import FleetPart, fitting_scaling
from stacks.fields.guardrails import QueueGuardrailsPart
from stacks.fields.model import ModelPart, SurroundingsPart
from stacks.fields.refused import no_rollout, refused_fields
from stacks.fields.retain import Kept
from stacks.fields.scaling import QueueScalingPart
from stacks.fields.values import KeyArn, S3Uri, Seconds, TopicArn
from stacks.findings import refuse, whole
from stacks.part import Part
from stacks.service_file import Service
from stacks.yaml_source import Place
from tidegate.compatibility import Feature, Mode

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns

    from tidegate import AsyncInference


class OutputsPart(Part):
    """Where answers and failures go, and whom to tell."""

    answers: S3Uri
    failures: S3Uri
    success_topic: TopicArn | None = None
    error_topic: TopicArn | None = None
    answers_in_notifications: bool = False
    kms_key: KeyArn | None = None

    @field_validator("failures")
    @classmethod
    def _apart(cls, value: str, info: ValidationInfo) -> str:
        answers = info.data.get("answers", "")
        if value.rstrip("/") == answers.rstrip("/"):
            raise PydanticCustomError("apart", "must differ from answers: who reads answers would read both")
        return value

    @field_validator("error_topic")
    @classmethod
    def _other_topic(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and value == info.data.get("success_topic"):
            message = "must differ from success_topic: who hears of both could not tell them apart"
            raise PydanticCustomError("apart", message)
        return value

    @model_validator(mode="after")
    def _told(self) -> Self:
        if self.answers_in_notifications and self.success_topic is None and self.error_topic is None:
            refuse(self, [whole("answers_in_notifications needs a success_topic or an error_topic")])
        return self


class AsyncPart(FleetPart):
    """The fleet behind the queue, also from and to zero."""

    REFUSED = refused_fields(Mode.ASYNC, "ab_test", "shadow", "data_capture")

    scaling: QueueScalingPart | None = None
    outputs: OutputsPart
    concurrent_requests_per_instance: Annotated[int, Field(ge=1, le=1000)] | None = None
    volume_key: KeyArn | None = None
    metrics_frequency_seconds: Seconds | None = None
    detailed_observability: bool = False
    retain: Kept | None = None
    guardrails: QueueGuardrailsPart | None = None

    _fits = field_validator("scaling")(fitting_scaling)

    def inference(
        self,
        *,
        success_topic: "sns.ITopic | None",
        error_topic: "sns.ITopic | None",
        key: "kms.IKey | None",
    ) -> "AsyncInference":
        """Return outputs and concurrency for the library.

        Args:
            success_topic: The topic that is told of answers.
            error_topic: The topic that is told of failures.
            key: The key that encrypts the answers.

        """
        from tidegate import AsyncInference

        return AsyncInference(
            output_uri=self.outputs.answers,
            failure_uri=self.outputs.failures,
            success_topic=success_topic,
            error_topic=error_topic,
            answers_in_notifications=self.outputs.answers_in_notifications,
            max_concurrent_invocations_per_instance=self.concurrent_requests_per_instance,
            kms_key=key,
        )


class AsyncService(Service):
    """A service whose requests wait in a queue."""

    SECTION: ClassVar[str] = "async"
    REFUSED = no_rollout(Mode.ASYNC)

    model: ModelPart
    async_: AsyncPart = Field(alias="async")
    alarms: QueueAlarmsPart | None = None

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""
        return [self.model]

    def declared(self) -> Declared:
        """Return an asynchronous endpoint."""
        part = self.async_
        features: dict[Feature, Place] = {
            feature: ("model", field) for feature, field in self.model.features()
        }
        if part.scaling is not None:
            features[Feature.AUTOSCALING] = ("async", "scaling")
            if part.scaling.min == 0:
                features[Feature.SCALE_TO_ZERO] = ("async", "scaling")
        features |= part.pools("async")
        if part.volume_key is not None:
            features[Feature.VOLUME_KEY] = ("async", "volume_key")
        return Declared(
            mode=Mode.ASYNC,
            section=self.SECTION,
            features=features,
            fleets={("async",): part.fleet("live")},
            guardrail=None if part.guardrails is None else part.guardrails.guardrail(),
        )
