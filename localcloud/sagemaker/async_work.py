"""What is done with one asynchronous request: read, answered, stored, told.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.hosting import Call, Host, InstanceTimeout, InstanceUnreachable, request_head
from localcloud.sagemaker.async_config import AsyncSettings
from localcloud.sagemaker.async_metrics import record_end
from localcloud.sagemaker.async_request import AsyncRequest
from localcloud.sagemaker.invocation_metrics import MetricSink
from localcloud.sagemaker.routing import Route
from localcloud.sagemaker.transform import Objects

_BINARY: Final = "application/octet-stream"
_LARGEST_PAYLOAD: Final = 1024**3

Notify = Callable[[str, str, str], None]


class Failed(Exception):
    """A request ended without an answer; `content` is what the model said, if anything."""

    def __init__(self, reason: str, content: bytes = b"", metric: str = "InvocationFailures") -> None:
        super().__init__(reason)
        self.reason = reason
        self.content = content or reason.encode()
        self.metric = metric


class AsyncWork:
    """Carries requests out.

    Args:
        clock: the cloud clock.
        sink: where samples of metrics go.
        objects: S3.
        notify: publishes to an SNS topic: ARN, subject, message.

    """

    def __init__(self, clock: CloudClock, sink: MetricSink, objects: Objects, notify: Notify) -> None:
        self._clock = clock
        self._sink = sink
        self._objects = objects
        self._notify = notify

    async def carry_out(
        self, request: AsyncRequest, route: Route, instance: Host, settings: AsyncSettings
    ) -> None:
        """Work on a request with a reserved instance, and give that back."""
        began = self._clock.now()
        outcome: str | Failed
        try:
            outcome = await self._answer(request, instance)
        except Failed as failed:
            outcome = failed
        finally:
            instance.end()
        ended = self._clock.now()
        times = {
            "TimeInBacklog": (began - request.received) * 1000,
            "TotalProcessingTime": (ended - request.received) * 1000,
        }
        await asyncio.to_thread(self.conclude, request, route.variant, settings, outcome, times)

    async def _answer(self, request: AsyncRequest, instance: Host) -> str:
        """Return the content type of an answer that has been stored."""
        try:
            payload = await asyncio.to_thread(self._objects.read, request.input_location)
        except AwsError as error:
            raise Failed(f"ClientError: {error.message}", metric="RequestDownloadFailures") from error
        if len(payload) > _LARGEST_PAYLOAD:
            raise Failed(f"ClientError: the payload exceeds {_LARGEST_PAYLOAD} bytes")
        try:
            head = request_head(request.headers)
            answer = await instance.invoke(
                head,
                payload,
                timeout_seconds=request.timeout_seconds,
                call=Call(target=None, headers=request.headers),
            )
        except (InstanceTimeout, InstanceUnreachable) as error:
            raise Failed(f"InternalServerError: {error}") from error
        if not 200 <= answer.status < 300:
            side = "client" if 400 <= answer.status < 500 else "server"
            raise Failed(f"ClientError: Received {side} error ({answer.status}) from primary", answer.body)
        try:
            kind = answer.headers.get("content-type", _BINARY)
            await asyncio.to_thread(self._objects.write, request.output_location, answer.body, kind)
        except AwsError as error:
            raise Failed(f"ClientError: {error.message}", metric="ResponseUploadFailures") from error
        return kind

    def conclude(
        self,
        request: AsyncRequest,
        variant: str,
        settings: AsyncSettings,
        outcome: str | Failed,
        milliseconds: Mapping[str, float],
    ) -> None:
        """Tell of the end of a request: in S3, on its topic and in metrics.

        Args:
            request: the request.
            variant: that worked on it.
            settings: where results go.
            outcome: the content type of the answer, which is stored already, or why there is none.
            milliseconds: how long its parts took, by metric.

        """
        now = self._clock.now()
        failed = outcome if isinstance(outcome, Failed) else None
        counts = {"InvocationsProcessed": failed is None, "InvocationFailures": failed is not None}
        if failed is None:
            message = request.notification(now=now, content_type=str(outcome))
            self._tell(settings.success_topic, message)
        else:
            counts[failed.metric] = True
            if request.failure_location:
                try:
                    self._objects.write(request.failure_location, failed.content, _BINARY)
                except AwsError:
                    counts["ResponseUploadFailures"] = True
            self._tell(settings.error_topic, request.notification(now=now, failure=failed.reason))
        record_end(self._sink, request.endpoint, variant, counts, milliseconds, now)

    def _tell(self, topic: str | None, message: str) -> None:
        if topic:
            self._notify(topic, "Amazon SageMaker asynchronous inference", message)
