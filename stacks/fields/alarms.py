"""When a service is in a bad way, and whom to tell."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from aws_cdk import Duration
from pydantic import Field, model_validator

from stacks.fields.values import Above0, AlarmArn, AtLeast0, Count, Percent, TopicArn
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


class TimingPart(Part):
    """How long it must be bad; the library's own choice for what is left out."""

    period_seconds: Count | None = None
    periods: Count | None = None
    datapoints: Count | None = None

    def timing(self) -> dict[str, Any]:
        """Return what is given; as many bad datapoints as there are periods, unless said otherwise."""
        given = {"period_seconds": self.period_seconds, "periods": self.periods}
        given["datapoints"] = self.datapoints if self.datapoints is not None else self.periods
        return {name: value for name, value in given.items() if value is not None}


class RatePart(TimingPart):
    """A share of the requests."""

    at_least: Annotated[float, Field(gt=0, le=1)]
    min_requests: AtLeast0 = 20


class LatencyPart(TimingPart):
    """A percentile of the time that the container takes."""

    percentile: Annotated[float, Field(gt=0, lt=100)]
    at_least_ms: Count
    expected_requests_per_minute: Above0


class HostPart(TimingPart):
    """A share of the instance; `units` are its vCPUs or GPUs, whose percentages add up."""

    percent: Percent
    units: Count = 1


class QuietPart(Part):
    """No request at all."""

    minutes: Count = 15


class AgePart(TimingPart):
    """How long the oldest request waits."""

    at_least_seconds: Count


class FailuresPart(TimingPart):
    """A number of failed requests in a period."""

    at_least: Count = 1


class ConditionsPart(Part):
    """What is bad; each field that is given is one alarm."""

    ASYNCHRONOUS: ClassVar[bool] = False

    latency: Annotated[tuple[LatencyPart, ...], Field(strict=False)] = ()
    memory: HostPart | None = None

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.conditions()
        return self

    def conditions(self) -> "list[EndpointAlarm]":
        """Return the alarms for the library."""
        return list(self._conditions())

    def _conditions(self) -> "Iterator[EndpointAlarm]":
        from tidegate import EndpointAlarm

        for latency in self.latency:
            yield EndpointAlarm.model_latency(
                percentile=latency.percentile,
                at_least=Duration.millis(latency.at_least_ms),
                expected_requests_per_minute=latency.expected_requests_per_minute,
                asynchronous=self.ASYNCHRONOUS,
                **latency.timing(),
            )
        for name, metric in _HOST.items():
            part: HostPart | None = getattr(self, name, None)
            if part is not None:
                yield EndpointAlarm.saturation(
                    metric, percent=part.percent, units=part.units, **part.timing()
                )


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
