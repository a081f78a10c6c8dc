"""What every change of an endpoint needs: its statuses, its routes, its instances."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from localcloud.clock import CloudClock
from localcloud.hosting import HostingEngine, LaunchFailed, WorkerPool, launch_hosts
from localcloud.sagemaker.durations import Durations
from localcloud.sagemaker.endpoint import Endpoint, Status, Variant
from localcloud.sagemaker.events import Events
from localcloud.sagemaker.fleets import Fleet, launch_all
from localcloud.sagemaker.routing import Routes

AlarmStates = Callable[[Sequence[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointWork:
    """The hands of every change. Methods are called under `lock`.

    Attributes:
        clock: the cloud clock.
        engine: starts and retires model processes.
        routes: where requests go.
        events: told of every change of status.
        lock: guards every endpoint.
        durations: how long changes take.
        alarm_states: returns the state of each CloudWatch alarm that exists, by name.
        faults: why the next launch for an endpoint fails.

    """

    clock: CloudClock
    engine: HostingEngine
    routes: Routes
    events: Events
    lock: threading.RLock
    durations: Durations
    alarm_states: AlarmStates
    faults: dict[str, str] = field(default_factory=dict)

    def begin(self, endpoint: Endpoint, status: Status) -> None:
        """Enter a status in which something is on its way."""
        endpoint.status, endpoint.modified = status, self.clock.now()
        endpoint.failure_reason = None
        self.events.endpoint(endpoint)

    def settle(self, endpoint: Endpoint, status: Status) -> None:
        """Enter a status that lasts; in service, requests follow the weights asked for."""
        endpoint.status, endpoint.modified = status, self.clock.now()
        if status == "InService":
            for variant in endpoint.variants.values():
                variant.current_weight = variant.desired_weight
            self.routes.publish(endpoint)
        self.events.endpoint(endpoint)

    def launch(self, endpoint: Endpoint, missing: Mapping[str, tuple[Variant, int]]) -> Future[Fleet]:
        """Start instances: variant and number, by variant name."""
        fault = self.faults.pop(endpoint.name, None)
        if fault is not None:
            refused: Future[Fleet] = Future()
            refused.set_exception(LaunchFailed(fault))
            return refused
        launches = {
            name: launch_hosts(self.engine, variant.settings.served, count=count)
            for name, (variant, count) in missing.items()
        }
        return launch_all(self.engine, launches)

    def staff(self, variants: Iterable[Variant], fleet: Fleet) -> None:
        """Give variants the instances that were launched for them."""
        for variant in variants:
            launched = fleet[variant.name]
            if variant.desired_concurrency is None:
                variant.instances = (*variant.instances, *launched)
            elif variant.workers is None:
                variant.workers = WorkerPool(
                    self.engine,
                    self.clock,
                    variant.settings.containers[0],
                    variant.desired_concurrency,
                    started=launched,
                )

    def retire(self, variants: Iterable[Variant]) -> None:
        """End everything that variants run, after the requests in hand."""
        for variant in variants:
            self.engine.retire(variant.instances)
            if variant.workers is not None:
                variant.workers.retire()
