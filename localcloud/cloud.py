"""Composition of the local cloud: one clock, ministack as the base, the emulated services in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from localcloud.clock import CloudClock
from localcloud.cloudformation import resource_types
from localcloud.cloudwatch import CloudWatch
from localcloud.ministack_adapter import gateway, stacks
from localcloud.ministack_adapter.environment import Settings
from localcloud.ministack_adapter.events import emit
from localcloud.ministack_adapter.storage import publish
from localcloud.protocol import JsonService


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A local cloud in this process; at most one, because ministack keeps its state in modules.

    Attributes:
        settings: how it runs.
        clock: the one clock.
        application: the ASGI application that answers every request.

    """

    settings: Settings
    clock: CloudClock
    application: Any

    @classmethod
    def start(cls, settings: Settings) -> Self:
        """Build every service. `prepare_environment` must have run in this process."""
        clock = CloudClock(settings.time_scale)
        gateway.install(now=clock.now, after=clock.after, scale=clock.scale, data_dir=settings.data_dir)
        cloudwatch = CloudWatch(clock, emit, notify=publish)
        gateway.serve("monitoring", cloudwatch.handle)
        _serve_stacks({"cloudwatch": cloudwatch})
        return cls(settings=settings, clock=clock, application=gateway.application)

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
        gateway.end_workers()


def _serve_stacks(services: Mapping[str, JsonService]) -> None:
    def call(service: str, operation: str, request: Mapping[str, Any], /) -> dict[str, Any]:
        return services[service].call(operation, dict(request))

    stacks.register(resource_types(call))
