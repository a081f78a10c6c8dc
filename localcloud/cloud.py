"""Composition of the local cloud: one clock, ministack as the base, the emulated services in it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from localcloud.clients import Clients
from localcloud.clock import CloudClock
from localcloud.cloudformation import resource_types
from localcloud.cloudwatch import CloudWatch
from localcloud.codebuild import CodeBuild
from localcloud.codepipeline import CodePipeline
from localcloud.hosting import HostingEngine
from localcloud.ministack_adapter import (
    authorization,
    execution_metrics,
    gateway,
    integrations,
    pipeline_targets,
    stacks,
)
from localcloud.ministack_adapter.environment import REGION, Settings
from localcloud.ministack_adapter.events import emit
from localcloud.ministack_adapter.sessions import role_credentials
from localcloud.ministack_adapter.storage import list_objects, publish, read_object, write_object
from localcloud.protocol import JsonService
from localcloud.sagemaker import SageMaker
from localcloud.sagemaker.transform import Objects
from localcloud.scaling import ApplicationAutoScaling
from localcloud.wire import InvocationShortcut, json_handler, sagemaker_handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A local cloud in this process; at most one, because ministack keeps its state in modules.

    Attributes:
        settings: how it runs.
        clock: the one clock.
        sagemaker: the emulated SageMaker, which owns the model processes.
        builds: the emulated CodeBuild, which owns the processes of builds.
        application: the ASGI application that answers every request.

    """

    settings: Settings
    clock: CloudClock
    sagemaker: SageMaker
    builds: CodeBuild
    application: Any

    @classmethod
    def start(cls, settings: Settings) -> Self:
        """Build every service. `prepare_environment` must have run in this process."""
        clock = CloudClock(settings.time_scale)
        gateway.install(now=clock.now, after=clock.after, scale=clock.scale)
        cloudwatch = CloudWatch(clock, emit, notify=publish)
        engine = HostingEngine(settings.data_dir, read_object)
        sagemaker = SageMaker(
            clock,
            cloudwatch.metrics,
            emit,
            read_object,
            engine,
            alarm_states=lambda names: _alarm_states(cloudwatch, names),
            objects=Objects(below=list_objects, read=read_object, write=write_object),
            notify=publish,
            caller=authorization.caller,
        )
        scaling = ApplicationAutoScaling(clock, sagemaker.capacity, cloudwatch.metrics)
        # Each asks the other, so one of the two is told afterwards.
        sagemaker.is_scaled = scaling.is_registered
        cloudwatch.attach_scaling(scaling.run_policy)
        integrations.install(sagemaker.call)
        execution_metrics.install(record=cloudwatch.metrics.record, now=clock.now)
        gateway.serve("monitoring", cloudwatch.handle)
        gateway.serve("application-autoscaling", json_handler(scaling))
        gateway.serve("sagemaker", sagemaker_handler(sagemaker, sagemaker.invoke, sagemaker.invoke_async))
        builds, pipelines = _delivery(settings, clock)
        _serve_stacks(cloudwatch, sagemaker, scaling, builds, pipelines)
        application = gateway.application
        if not gateway.enforces_iam():
            application = InvocationShortcut(application, sagemaker.invoke)
        return cls(
            settings=settings, clock=clock, sagemaker=sagemaker, builds=builds, application=application
        )

    def announcement(self) -> dict[str, object]:
        """Return what a starter needs to know, JSON-safe."""
        return {
            "ready": True,
            "endpoint_url": f"http://127.0.0.1:{self.settings.port}",
            "pid": os.getpid(),
            "epoch0": self.clock.epoch0,
            "scale": self.clock.scale,
        }

    def close(self) -> None:
        """End every process that the cloud started."""
        try:
            gateway.end_workers()
            self.builds.close()
        finally:
            self.sagemaker.close()


def _delivery(settings: Settings, clock: CloudClock) -> tuple[CodeBuild, CodePipeline]:
    """Serve CodeBuild and CodePipeline, which use the other services as any client does."""
    clients = Clients(f"http://127.0.0.1:{settings.port}", REGION, role_credentials)
    builds = CodeBuild(clock, clients, settings.data_dir / "codebuild")
    pipelines = CodePipeline(clock, clients, builds, emit, publish, caller=authorization.caller)
    for service in (builds, pipelines):
        gateway.serve(service.service_name, json_handler(service))
    pipeline_targets.install(pipelines.start_by_event)
    return builds, pipelines


def _alarm_states(cloudwatch: CloudWatch, names: Sequence[str]) -> dict[str, str]:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = (
        cloudwatch.call("DescribeAlarms", {"AlarmNames": list(names), "AlarmTypes": kinds}) if names else {}
    )
    alarms = (*found.get("MetricAlarms", []), *found.get("CompositeAlarms", []))
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}


def _serve_stacks(*services: JsonService) -> None:
    by_name = {service.service_name: service for service in services}

    def call(service: str, operation: str, request: Mapping[str, Any], /) -> dict[str, Any]:
        return by_name[service].call(operation, dict(request))

    stacks.register(resource_types(call))
