"""What happens to an endpoint over time: created, updated, rolled back, scaled, deleted.

A change is accepted at once and carried out later: after the time that SageMaker takes for it on the cloud
clock, and not before the model processes answer their pings.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from localcloud.clock import CloudClock
from localcloud.hosting import HostingEngine, Instance, Launch, LaunchFailed
from localcloud.sagemaker.configs import EndpointConfig
from localcloud.sagemaker.endpoint import Endpoint, Pending, Status, Variant
from localcloud.sagemaker.events import Events
from localcloud.sagemaker.fleets import Fleet, launch_all
from localcloud.sagemaker.routing import Routes

_LONGEST_REASON: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """How long changes take, in cloud seconds. The defaults are of the size that SageMaker shows."""

    create: float = 300
    update: float = 300
    weights: float = 60
    roll_back: float = 60
    delete: float = 60


class Deployments:
    """Carries out changes of endpoints. Methods are called under `lock`, and return at once.

    Args:
        clock: the cloud clock.
        engine: starts and retires model processes.
        routes: where requests go.
        events: told of every change of status.
        lock: guards every endpoint.
        forget: called with an endpoint that has been deleted.
        durations: how long changes take.

    """

    def __init__(
        self,
        *,
        clock: CloudClock,
        engine: HostingEngine,
        routes: Routes,
        events: Events,
        lock: threading.RLock,
        forget: Callable[[Endpoint], None],
        durations: Durations,
    ) -> None:
        self._clock = clock
        self._engine = engine
        self._routes = routes
        self._events = events
        self._lock = lock
        self._forget = forget
        self._durations = durations
        self._faults: dict[str, str] = {}

    def fail_next(self, endpoint_name: str, reason: str) -> None:
        """Let the next launch of instances for an endpoint fail, as when AWS has no capacity.

        For tests, in this process only: no request can do this.
        """
        self._faults[endpoint_name] = reason

    def create(self, endpoint: Endpoint) -> None:
        """Start the first fleet; Creating, then InService or Failed."""

        def up(fleet: Fleet) -> None:
            _staff(endpoint.variants.values(), fleet)
            self._settle(endpoint, "InService")

        def failed(error: BaseException) -> None:
            endpoint.failure_reason = _reason(error)
            self._settle(endpoint, "Failed")

        self._events.endpoint(endpoint)
        self._after(self._durations.create, self._launch(endpoint, endpoint.variants.values()), up, failed)

    def update(self, endpoint: Endpoint, config: EndpointConfig, variants: tuple[Variant, ...]) -> None:
        """Start a new fleet, move the traffic, retire the old one; go back silently when it fails."""
        pending = Pending(config=config, variants=variants, started=self._clock.now())

        def up(fleet: Fleet) -> None:
            old = endpoint.instances()
            _staff(variants, fleet)
            endpoint.config, endpoint.pending = config, None
            endpoint.variants = {variant.name: variant for variant in variants}
            self._settle(endpoint, "InService")
            # The new routes are in place: the old fleet gets nothing new and ends what it has in hand.
            self._engine.retire(old)

        endpoint.pending = pending
        self._begin(endpoint, "Updating")
        self._events.deployment(endpoint)
        launched = self._launch(endpoint, variants)
        self._after(self._durations.update, launched, up, lambda _error: self._roll_back(endpoint))

    def change(self, endpoint: Endpoint, weights: Mapping[str, float], counts: Mapping[str, int]) -> None:
        """Change weights and counts in place; a launch that fails leaves everything as it was."""
        before = {name: (v.desired_weight, v.desired_count) for name, v in endpoint.variants.items()}
        for name, weight in weights.items():
            endpoint.variants[name].desired_weight = weight
        for name, count in counts.items():
            endpoint.variants[name].desired_count = count
        scaled = [v for v in endpoint.variants.values() if v.desired_count != len(v.instances)]

        def up(fleet: Fleet) -> None:
            surplus = _resize(endpoint, fleet)
            self._settle(endpoint, "InService")
            self._engine.retire(surplus)

        def failed(_error: BaseException) -> None:
            for name, (weight, count) in before.items():
                variant = endpoint.variants[name]
                variant.desired_weight, variant.desired_count = weight, count
            self._roll_back(endpoint)

        self._begin(endpoint, "Updating")
        if scaled:
            self._events.deployment(endpoint)
        seconds = self._durations.update if scaled else self._durations.weights
        self._after(seconds, self._launch(endpoint, scaled), up, failed)

    def delete(self, endpoint: Endpoint) -> None:
        """Stop serving at once, end the instances after their requests; then the endpoint is gone."""

        def gone() -> None:
            with self._lock:
                self._forget(endpoint)

        self._begin(endpoint, "Deleting")
        self._routes.drop(endpoint.name)
        self._engine.retire(endpoint.instances())
        self._clock.after(self._durations.delete, gone)

    def _begin(self, endpoint: Endpoint, status: Status) -> None:
        endpoint.status, endpoint.modified = status, self._clock.now()
        endpoint.failure_reason = None
        self._events.endpoint(endpoint)

    def _settle(self, endpoint: Endpoint, status: Status) -> None:
        endpoint.status, endpoint.modified = status, self._clock.now()
        if status == "InService":
            for variant in endpoint.variants.values():
                variant.current_weight = variant.desired_weight
            self._routes.publish(endpoint)
        self._events.endpoint(endpoint)

    def _roll_back(self, endpoint: Endpoint) -> None:
        """Stay on what serves. As users of SageMaker report, it says InService and gives no reason."""

        def back() -> None:
            with self._lock:
                endpoint.pending = None
                self._settle(endpoint, "InService")

        self._begin(endpoint, "RollingBack")
        self._clock.after(self._durations.roll_back, back)

    def _launch(self, endpoint: Endpoint, variants: Iterable[Variant]) -> Future[Fleet]:
        fault = self._faults.pop(endpoint.name, None)
        if fault is not None:
            refused: Future[Fleet] = Future()
            refused.set_exception(LaunchFailed(fault))
            return refused
        launches: dict[str, Launch] = {}
        for variant in variants:
            missing = max(0, variant.desired_count - len(variant.instances))
            launches[variant.name] = self._engine.launch(variant.settings.container, count=missing)
        return launch_all(self._engine, launches)

    def _after(
        self,
        seconds: float,
        launched: Future[Fleet],
        up: Callable[[Fleet], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        def finish(future: Future[Fleet]) -> None:
            with self._lock:
                error = future.exception()
                if error is None:
                    up(future.result())
                else:
                    failed(error)

        self._clock.after(seconds, lambda: launched.add_done_callback(finish))


def _staff(variants: Iterable[Variant], fleet: Fleet) -> None:
    for variant in variants:
        variant.instances = tuple(fleet[variant.name])


def _resize(endpoint: Endpoint, fleet: Fleet) -> list[Instance]:
    """Give variants what was launched for them; return the instances that are too many."""
    surplus: list[Instance] = []
    for name in fleet:
        variant = endpoint.variants[name]
        everyone = (*variant.instances, *fleet[name])
        surplus += everyone[variant.desired_count :]
        variant.instances = everyone[: variant.desired_count]
    return surplus


def _reason(error: BaseException) -> str:
    text = str(error)
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 3] + "..."
