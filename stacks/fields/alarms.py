"""When a service is in a bad way, and whom to tell."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Self

from aws_cdk import Duration
from pydantic import Field, model_validator

from stacks.fields.alarm_conditions import (
    AgePart,
    FailuresPart,
    HostPart,
    LatencyPart,
    OtherPart,
    QuietPart,
    RatePart,
)
from stacks.fields.values import AlarmArn, Count, Name, TopicArn
from stacks.findings import refuse, whole
from stacks.part import Part

if TYPE_CHECKING:
    from tidegate import EndpointAlarm

_HOST: Final = {
    "cpu": "CPUUtilization",
    "memory": "MemoryUtilization",
    "disk": "DiskUtilization",
    "gpu": "GPUUtilization",
    "gpu_memory": "GPUMemoryUtilization",
}
_FAILURES: Final = {
    "failures": "InvocationFailures",
    "expired": "ExpiredRequests",
    "notification_failures": "NotificationFailures",
    "download_failures": "RequestDownloadFailures",
    "upload_failures": "ResponseUploadFailures",
}


class ConditionsPart(Part):
    """What is bad; each field that is given is one alarm."""

    ASYNCHRONOUS: ClassVar[bool] = False

    latency: Annotated[tuple[LatencyPart, ...], Field(strict=False)] = ()
    memory: HostPart | None = None
    other: dict[Name, OtherPart] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.conditions()
        return self

    def conditions(self, instance_types: Collection[str] = ()) -> "list[EndpointAlarm]":
        """Return the alarms for the library.

        Args:
            instance_types: The types of the fleets, which say how many vCPUs and GPUs there are; none while
                they are not known.

        Raises:
            ValueError: naming what the library refuses.

        """
        return [
            *self._conditions(),
            *(
                part.alarm(metric, instance_types)
                for name, metric in _HOST.items()
                if (part := getattr(self, name, None)) is not None
            ),
            *(part.alarm(name) for name, part in self.other.items()),
        ]

    def _conditions(self) -> "Iterator[EndpointAlarm]":
        for latency in self.latency:
            yield latency.alarm(asynchronous=self.ASYNCHRONOUS)


class RequestConditionsPart(ConditionsPart):
    """What is bad about requests that are answered at once."""

    server_errors: RatePart | None = None
    model_errors: RatePart | None = None
    client_errors: RatePart | None = None
    no_traffic: QuietPart | None = None

    def _conditions(self) -> "Iterator[EndpointAlarm]":
        from tidegate import EndpointAlarm

        rates = {
            EndpointAlarm.server_error_rate: self.server_errors,
            EndpointAlarm.model_error_rate: self.model_errors,
            EndpointAlarm.client_error_rate: self.client_errors,
        }
        for factory, rate in rates.items():
            if rate is not None:
                yield factory(at_least=rate.at_least, min_requests=rate.min_requests, **rate.timing())
        if self.no_traffic is not None:
            yield EndpointAlarm.no_traffic(minutes=self.no_traffic.minutes)
        yield from super()._conditions()


class HostConditionsPart(ConditionsPart):
    """What is bad about the instances."""

    cpu: HostPart | None = None
    disk: HostPart | None = None
    gpu: HostPart | None = None
    gpu_memory: HostPart | None = None


class InstanceConditionsPart(RequestConditionsPart, HostConditionsPart):
    """What is bad about a fleet that answers at once."""


class QueueConditionsPart(HostConditionsPart):
    """What is bad about a queue and the fleet behind it."""

    ASYNCHRONOUS = True

    backlog_age: AgePart | None = None
    failures: FailuresPart | None = None
    expired: FailuresPart | None = None
    notification_failures: FailuresPart | None = None
    download_failures: FailuresPart | None = None
    upload_failures: FailuresPart | None = None

    def _conditions(self) -> "Iterator[EndpointAlarm]":
        from tidegate import EndpointAlarm

        age = self.backlog_age
        if age is not None:
            yield EndpointAlarm.backlog_age(at_least=Duration.seconds(age.at_least_seconds), **age.timing())
        for name, metric in _FAILURES.items():
            part: FailuresPart | None = getattr(self, name)
            if part is not None:
                yield EndpointAlarm.async_failures(metric, at_least=part.at_least, **part.timing())
        yield from super()._conditions()


class AlarmsPart(ConditionsPart):
    """What is bad, and whom the one composite alarm over all of it tells."""

    topic: TopicArn | None = None

    @model_validator(mode="after")
    def _watches(self) -> Self:
        if not self.conditions():
            refuse(self, [whole("must have at least one condition")])
        return self


class RollbackPart(ConditionsPart):
    """What moves traffic back to the old fleet: conditions for the new one, and alarms of your own."""

    existing: Annotated[tuple[AlarmArn, ...], Field(strict=False)] = ()


class InstanceAlarmsPart(InstanceConditionsPart, AlarmsPart):
    """The alarms of a real-time service, or of one of inference components."""


class ServerlessAlarmsPart(RequestConditionsPart, AlarmsPart):
    """The alarms of a serverless service."""


class QueueAlarmsPart(QueueConditionsPart, AlarmsPart):
    """The alarms of an asynchronous service."""


class JobAlarmsPart(Part):
    """When jobs fail, and who is told."""

    topic: TopicArn | None = None
    failed_jobs: Count = 1


class RollbackAlarmsPart(InstanceConditionsPart, RollbackPart):
    """What moves traffic back to the old fleet of a real-time endpoint."""


class QueueRollbackAlarmsPart(QueueConditionsPart, RollbackPart):
    """What moves traffic back to the old fleet behind a queue."""
