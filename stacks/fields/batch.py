"""Batch transform jobs, and what starts them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from stacks.declared import Declared
from stacks.fields.alarms import JobAlarmsPart
from stacks.fields.model import ModelPart, SurroundingsPart
from stacks.fields.refused import no_rollout
from stacks.fields.values import BucketArn, Count, InstanceType, Like, Name, S3Uri, Text
from stacks.findings import refuse, whole
from stacks.part import Part
from stacks.service_file import Service
from tidegate.compatibility import Fleet, Mode

if TYPE_CHECKING:
    from tidegate import TransformJob

_SPLITS: "Final[Mapping[str, Literal['None', 'Line', 'RecordIO', 'TFRecord']]]" = {
    "none": "None",
    "line": "Line",
    "record-io": "RecordIO",
    "tf-record": "TFRecord",
}
_STRATEGIES: "Final[Mapping[str, Literal['MultiRecord', 'SingleRecord']]]" = {
    "many-records": "MultiRecord",
    "one-record": "SingleRecord",
}
# The fields that the library calls the same.
_SAME: Final = (
    "content_type",
    "accept",
    "instance_type",
    "assemble_lines",
    "manifest",
    "gzip",
    "max_payload_mb",
    "max_retries",
    "input_filter",
    "output_filter",
    "join_input",
)
_Texts = Annotated[tuple[Text, ...], Field(strict=False)]
_Schedule = Annotated[
    str, Like(r"(cron\(\S+( \S+){5}\)|rate\([1-9][0-9]* (minute|hour|day)s?\))", "cron(0 2 * * ? *)")
]


class ObjectPart(Part):
    """New objects of a bucket, one job each."""

    bucket: BucketArn
    prefix: str = ""


class EventPart(Part):
    """Events on the account's bus; fields of the event may say what the job reads and writes."""

    source: _Texts = ()
    detail_type: _Texts = ()
    detail: dict[str, Any] = Field(default_factory=dict)
    input: Text | None = None
    output: Text | None = None

    @model_validator(mode="after")
    def _matches_something(self) -> Self:
        if not (self.source or self.detail_type or self.detail):
            message = "must have a source, a detail_type or a detail: it would match every event"
            refuse(self, [whole(message)])
        return self


class StartPart(Part):
    """What starts a job, besides a person."""

    schedules: dict[Name, _Schedule] = Field(default_factory=dict)
    objects: dict[Name, ObjectPart] = Field(default_factory=dict)
    events: dict[Name, EventPart] = Field(default_factory=dict)


class BatchPart(Part):
    """What a job reads, asks and writes, and on what."""

    input: S3Uri
    output: S3Uri
    content_type: Text
    accept: Text | None = None
    instance_type: InstanceType
    instances: Count = 1
    split: Literal["none", "line", "record-io", "tf-record"] = "none"
    strategy: Literal["many-records", "one-record"] | None = None
    assemble_lines: bool = False
    manifest: bool = False
    gzip: bool = False
    concurrent_requests_per_instance: Count | None = None
    max_payload_mb: Annotated[int, Field(ge=0, le=100)] | None = None
    request_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    max_retries: Annotated[int, Field(ge=0, le=3)] | None = None
    input_filter: Text | None = None
    output_filter: Text | None = None
    join_input: bool = False
    environment: dict[str, str] = Field(default_factory=dict)
    timeout_hours: Annotated[float, Field(gt=0)] = 24
    start: StartPart = StartPart()

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.job()
        return self

    def job(self) -> "TransformJob":
        """Return the job for the library.

        Raises:
            ValueError: naming what the library refuses.

        """
        from tidegate import TransformJob

        return TransformJob(
            input_uri=self.input,
            output_uri=self.output,
            instance_count=self.instances,
            split=_SPLITS[self.split],
            strategy=None if self.strategy is None else _STRATEGIES[self.strategy],
            max_concurrent_transforms=self.concurrent_requests_per_instance,
            timeout_seconds=self.request_timeout_seconds,
            environment=self.environment,
            **{name: getattr(self, name) for name in _SAME},
        )


class BatchService(Service):
    """A service that answers files instead of callers."""

    SECTION: ClassVar[str] = "batch"
    REFUSED = no_rollout(Mode.BATCH)

    model: ModelPart
    batch: BatchPart
    alarms: JobAlarmsPart | None = None

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""
        return [self.model]

    def declared(self) -> Declared:
        """Return transform jobs."""
        part = self.batch
        fleet = Fleet(name="job", instance_type=part.instance_type, instances=part.instances)
        return Declared(
            mode=Mode.BATCH,
            section=self.SECTION,
            features={feature: ("model", field) for feature, field in self.model.features()},
            fleets={("batch",): fleet},
        )
