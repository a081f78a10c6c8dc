"""SageMaker's control plane and runtime as one service."""

import random
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.hosting import HostingEngine
from localcloud.protocol import JsonService, Response
from localcloud.sagemaker.answers import error_response
from localcloud.sagemaker.async_runtime import AsyncRuntime
from localcloud.sagemaker.async_work import Notify
from localcloud.sagemaker.capacity import VariantCapacityView
from localcloud.sagemaker.capture import DataCapture
from localcloud.sagemaker.components import Components
from localcloud.sagemaker.configs import EndpointConfigs
from localcloud.sagemaker.deployments import Deployments
from localcloud.sagemaker.durations import Durations
from localcloud.sagemaker.endpoints import Endpoints, IsScaled
from localcloud.sagemaker.events import Emit, Events
from localcloud.sagemaker.invocation_metrics import InvocationMetrics, MetricSink
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.package_groups import ModelPackageGroups
from localcloud.sagemaker.packages import ModelPackages
from localcloud.sagemaker.pipelines import Pipelines
from localcloud.sagemaker.routing import Routes
from localcloud.sagemaker.runtime import Runtime
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.training import TrainingJobs
from localcloud.sagemaker.transform import Objects, TransformJobs
from localcloud.sagemaker.work import AlarmStates, EndpointWork

_NOBODY: Final = "arn:aws:iam::000000000000:root"


class SageMaker(JsonService):
    """Models, endpoint configurations, real-time endpoints and the model registry.

    The control plane is safe to use from any thread and returns at once; `invoke` is for one event loop.

    Args:
        clock: the cloud clock.
        metrics: where samples of invocations go.
        emit: puts an event on the default bus (source, detail type, detail, resources).
        artifacts: returns the bytes at an S3 address, or raises an AwsError.
        engine: starts and ends model processes; `close` closes it.
        is_scaled: whether (endpoint, variant) is a registered scalable target; by default none is.
        seed: makes the choice of variants and instances repeatable; by default it is not.
        durations: cloud seconds that changes take.
        alarm_states: returns the state of each CloudWatch alarm that exists, by name; by default none does.
        objects: S3 for transform and training jobs, pipelines and asynchronous endpoints; without it they are
            refused.
        notify: publishes to an SNS topic (ARN, subject, message); by default nobody is told.
        caller: returns the ARN of whoever makes the call being answered; by default the account's root.

    Example:
        sagemaker = SageMaker(clock, store, emit, read_object, HostingEngine(folder, read_object))
        sagemaker.call("CreateModelPackageGroup", {"ModelPackageGroupName": "digits"})

    """

    def __init__(
        self,
        clock: CloudClock,
        metrics: MetricSink,
        emit: Emit,
        artifacts: Callable[[str], bytes],
        engine: HostingEngine,
        *,
        is_scaled: IsScaled | None = None,
        seed: int | None = None,
        durations: Durations | None = None,
        alarm_states: AlarmStates | None = None,
        objects: Objects | None = None,
        notify: Notify | None = None,
        caller: Callable[[], str] | None = None,
    ) -> None:
        super().__init__("sagemaker")
        self.is_scaled: IsScaled = is_scaled or (lambda _endpoint, _variant: False)
        self._engine = engine
        self._lock = threading.RLock()
        self._metrics = InvocationMetrics(clock, metrics)
        tags, routes = Tags(), Routes()
        states: AlarmStates = alarm_states or (lambda _names: {})
        rng = random.Random(seed)  # noqa: S311 - balances load, guards nothing
        self._capture = DataCapture(clock, objects, rng=rng)
        self._queues = None
        if objects is not None:
            tell = notify or (lambda _topic, _subject, _message: None)
            self._queues = AsyncRuntime(clock, routes, metrics, objects, tell, rng=rng)
        events = Events(emit, tags)
        groups = ModelPackageGroups(clock, tags)
        packages = ModelPackages(clock, groups, events, caller=caller or (lambda: _NOBODY))
        models = Models(clock, tags, packages, artifacts)
        configs = EndpointConfigs(clock, tags, models)
        endpoints = Endpoints(
            clock=clock,
            tags=tags,
            configs=configs,
            is_scaled=lambda endpoint, variant: self.is_scaled(endpoint, variant),
            alarm_states=states,
            queues=self._queues,
        )
        work = EndpointWork(
            clock=clock,
            engine=engine,
            routes=routes,
            events=events,
            lock=self._lock,
            durations=durations or Durations(),
            alarm_states=states,
        )
        endpoints.deployments = self._deployments = Deployments(work, forget=endpoints.forget)
        components = Components(work, tags, models, endpoints)
        endpoints.components_on = components.on
        self._parts: tuple[object, ...] = (tags, groups, packages, models, configs, endpoints, components)
        self._training = None
        if objects is not None:
            self._training = TrainingJobs(
                clock=clock, tags=tags, events=events, objects=objects, lock=self._lock
            )
            self._parts += (
                self._training,
                Pipelines(
                    clock=clock,
                    tags=tags,
                    events=events,
                    read=objects.read,
                    call=self.call,
                    lock=self._lock,
                ),
                TransformJobs(
                    clock=clock,
                    tags=tags,
                    models=models,
                    events=events,
                    engine=engine,
                    objects=objects,
                    lock=self._lock,
                ),
            )
        self.capacity = VariantCapacityView(endpoints, components, self.call)
        self._runtime = Runtime(clock, routes, self._metrics, self._capture, rng=rng)

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Carry out one operation of the control plane; see `JsonService.call`."""
        with self._lock:
            return super().call(operation, params)

    async def invoke(self, endpoint_name: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Answer one InvokeEndpoint request; see `Runtime.invoke`."""
        return await self._runtime.invoke(endpoint_name, body, headers)

    async def invoke_async(self, endpoint_name: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Queue one InvokeEndpointAsync request; see `AsyncRuntime.invoke`."""
        if self._queues is None:
            return error_response(501, "NotEmulated", {"Message": "there is no S3 here"})
        return await self._queues.invoke(endpoint_name, body, headers)

    def fail_next_deployment(self, endpoint_name: str, reason: str = "no capacity") -> None:
        """Let the next launch of instances for an endpoint fail. For tests: no request can do this."""
        self._deployments.fail_next(endpoint_name, reason)

    def flush_metrics(self) -> None:
        """Publish the invocations of intervals that are not over yet."""
        self._metrics.flush()

    def close(self) -> None:
        """End every model process; a second time does nothing."""
        if self._queues is not None:
            self._queues.close()
        if self._training is not None:
            self._training.close()
        self._engine.close()

    def method(self, name: str) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
        """Return what carries out an operation: each part of the service has its own."""
        found = (getattr(part, name, None) for part in self._parts)
        return next((method for method in found if method is not None), None)
