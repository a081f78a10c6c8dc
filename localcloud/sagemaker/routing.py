"""Which instance gets a request.

Source: Test models in production (traffic by weight, TargetVariant),
https://docs.aws.amazon.com/sagemaker/latest/dg/model-ab-testing.html
"""

import bisect
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from localcloud.errors import AwsError
from localcloud.hosting import Host, ModelHost, WorkerPool
from localcloud.sagemaker.async_config import AsyncSettings
from localcloud.sagemaker.capture import CaptureSettings
from localcloud.sagemaker.configs import EndpointConfig
from localcloud.sagemaker.endpoint import Endpoint, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The instances of one variant in one fleet.

    Attributes:
        variant: variant name.
        config: name of the endpoint configuration that the fleet runs.
        instances: those that get requests.
        capacity: instances of the variant, in every fleet.
        metrics_seconds: interval at which invocation metrics are published, cloud seconds.
        workers: serves instead of instances, when the variant is serverless.
        mode: how requests find their container, empty when there is one; see `VariantSettings.mode`.
        hostnames: of the containers.
        by_chance: whether an instance is picked by chance alone.
        capture: what is captured of requests and answers, if anything.
        shadow: what gets copies of requests, if anything.
        component: name of the inference component whose copies the instances are, if they are.

    """

    variant: str
    config: str
    instances: tuple[Host, ...]
    capacity: int
    metrics_seconds: int
    workers: WorkerPool | None = None
    mode: str = ""
    hostnames: tuple[str, ...] = ()
    by_chance: bool = False
    capture: CaptureSettings | None = None
    shadow: "Shadow | None" = None
    component: str | None = None

    def pick(self, rng: random.Random, model: str | None = None) -> Host | None:
        """Reserve the instance with the fewest requests in hand, by chance among equals; None without one.

        `Host.end` must follow.

        Args:
            rng: the chance.
            model: prefer, in a multi-model variant, the instances that have this one loaded.

        """
        order = list(self.instances)
        rng.shuffle(order)
        if not self.by_chance:
            order.sort(key=lambda host: host.outstanding)
        if self.mode == "MultiModel" and model is not None:
            order.sort(key=lambda host: not (isinstance(host, ModelHost) and host.holds(model)))
        return next((each for each in order if each.alive and each.begin()), None)

    def pick_below(self, rng: random.Random, most: int) -> Host | None:
        """Reserve an instance as `pick` does, of those with fewer than `most` requests in hand."""
        free = tuple(each for each in self.instances if each.outstanding < most)
        return replace(self, instances=free).pick(rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A variant that gets copies of a share of the requests, 0 to 1."""

    route: Route
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Routes of which one is taken by chance.

    Attributes:
        routes: at least one.
        bounds: running sums of their weights.

    """

    routes: tuple[Route, ...]
    bounds: tuple[float, ...]

    @classmethod
    def of(cls, weighted: Sequence[tuple[Route, float]]) -> Self:
        """Make a choice of routes with their weights."""
        return cls(
            routes=tuple(route for route, _ in weighted),
            bounds=tuple(itertools.accumulate(weight for _, weight in weighted)),
        )

    def take(self, rng: random.Random) -> Route:
        """Return a route by chance, with weight / sum of weights."""
        return self.routes[bisect.bisect_right(self.bounds, rng.random() * self.bounds[-1])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The routes of one endpoint at one time; replaced as a whole, never changed.

    Attributes:
        endpoint: name with its case, as invocations must give it.
        every: the choice for requests without a target.
        targets: the choice among the fleets of one variant, by variant name.
        asynchronous: where answers go, when the endpoint is asynchronous.

    """

    endpoint: str
    every: Choice
    targets: Mapping[str, Choice]
    asynchronous: AsyncSettings | None = None

    def choose(self, rng: random.Random, target: str | None) -> Route:
        """Return the variant of a request: the target, or one by chance with weight / sum of weights.

        Raises:
            AwsError: ValidationError, when no variant has the target's name.

        """
        if target is None:
            return self.every.take(rng)
        if target in self.targets:
            return self.targets[target].take(rng)
        raise AwsError("ValidationError", f"Variant {target} not found for endpoint {self.endpoint}.")


class Routes:
    """The tables of every endpoint that serves; readers need no lock."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self._components: dict[tuple[str, str], Route] = {}

    def find(self, endpoint_name: str) -> Table | None:
        """Return an endpoint's table, None when it does not serve."""
        return self._tables.get(endpoint_name)

    def publish(self, endpoint: Endpoint) -> None:
        """Route requests to the endpoint's present variants, and to a pending fleet that has traffic."""
        fleets = list(_old_fleet(endpoint)) + list(_new_fleet(endpoint))
        targets: dict[str, list[tuple[Route, float]]] = {}
        for route, share, _ in fleets:
            targets.setdefault(route.variant, []).append((route, share))
        self._tables[endpoint.name] = Table(
            endpoint=endpoint.name,
            every=Choice.of([(route, share * weight) for route, share, weight in fleets]),
            targets={name: Choice.of(weighted) for name, weighted in targets.items()},
            asynchronous=endpoint.config.asynchronous,
        )

    def component(self, endpoint_name: str, name: str) -> Route | None:
        """Return the route to an inference component, None when it does not serve."""
        return self._components.get((endpoint_name, name))

    def publish_component(self, endpoint_name: str, route: Route) -> None:
        """Route requests to the present copies of an inference component."""
        self._components[endpoint_name, route.component or ""] = route

    def drop_component(self, endpoint_name: str, name: str) -> None:
        """Route nothing to an inference component any more."""
        self._components.pop((endpoint_name, name), None)

    def drop(self, endpoint_name: str) -> None:
        """Route nothing to an endpoint any more."""
        self._tables.pop(endpoint_name, None)


_Fleet = Iterator[tuple[Route, float, float]]
"""Routes with their share of the variant's traffic, and the variant's part of all traffic."""


def _old_fleet(endpoint: Endpoint) -> _Fleet:
    pending = endpoint.pending
    shares = pending.shares if pending else {}
    beside = {variant.name: len(variant.instances) for variant in pending.variants} if pending else {}
    production = endpoint.production()
    total = sum(variant.current_weight for variant in production.values())
    for name, variant in production.items():
        share = 1 - shares.get(name, 0.0)
        if share > 0:
            more = beside.get(name, 0) if name in shares else 0
            route = _route(endpoint, endpoint.config, variant, variant.instances, more)
            shadow = _shadow(endpoint, endpoint.config, variant, endpoint.variants.values())
            yield replace(route, shadow=shadow), share, variant.current_weight / total


def _new_fleet(endpoint: Endpoint) -> _Fleet:
    pending = endpoint.pending
    if pending is None:
        return
    production = [variant for variant in pending.variants if not variant.settings.shadow]
    total = sum(variant.desired_weight for variant in production)
    for variant in production:
        share = pending.shares.get(variant.name, 0.0)
        if share > 0:
            beside = endpoint.variants.get(variant.name)
            more = len(beside.instances) if beside else 0
            route = _route(endpoint, pending.config, variant, variant.instances[: variant.active], more)
            shadow = _shadow(endpoint, pending.config, variant, pending.variants)
            yield replace(route, shadow=shadow), share, variant.desired_weight / total


def _shadow(
    endpoint: Endpoint, config: EndpointConfig, production: Variant, fleet: Iterable[Variant]
) -> Shadow | None:
    """Return the shadow of the one production variant in its fleet; their weights make its share."""
    for variant in fleet:
        if variant.settings.shadow and production.current_weight > 0:
            share = variant.current_weight / production.current_weight
            route = _route(endpoint, config, variant, variant.instances, 0)
            return Shadow(route=route, share=min(1.0, share))
    return None


def _route(
    endpoint: Endpoint, config: EndpointConfig, variant: Variant, instances: tuple[Host, ...], more: int
) -> Route:
    return Route(
        variant=variant.name,
        config=config.name,
        instances=instances,
        capacity=len(variant.instances) + more,
        metrics_seconds=config.metrics_seconds,
        workers=variant.workers,
        mode=variant.settings.mode,
        hostnames=tuple(each.hostname for each in variant.settings.containers),
        by_chance=variant.settings.by_chance,
        capture=endpoint.capture,
    )
