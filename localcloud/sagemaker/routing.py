"""Which instance gets a request.

Source: Test models in production (traffic by weight, TargetVariant),
https://docs.aws.amazon.com/sagemaker/latest/dg/model-ab-testing.html
"""

import bisect
import itertools
import random
from dataclasses import dataclass

from localcloud.errors import AwsError
from localcloud.hosting.instance import Instance
from localcloud.sagemaker.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The instances of one variant."""

    variant: str
    instances: tuple[Instance, ...]

    def pick(self, rng: random.Random) -> Instance | None:
        """Reserve the instance with the fewest requests in hand, by chance among equals; None without one.

        `Instance.end` must follow.
        """
        order = list(self.instances)
        rng.shuffle(order)
        order.sort(key=lambda instance: instance.outstanding)
        return next((each for each in order if each.alive and each.begin()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The routes of one endpoint at one time; replaced as a whole, never changed.

    Attributes:
        endpoint: name with its case, as invocations must give it.
        routes: one a variant.
        bounds: running sums of the weights, in the order of `routes`.
        metrics_seconds: interval at which invocation metrics are published, cloud seconds.

    """

    endpoint: str
    routes: tuple[Route, ...]
    bounds: tuple[float, ...]
    metrics_seconds: int

    def choose(self, rng: random.Random, target: str | None) -> Route:
        """Return the variant of a request: the target, or one by chance with weight / sum of weights.

        Raises:
            AwsError: ValidationError, when no variant has the target's name.

        """
        if target is None:
            point = rng.random() * self.bounds[-1]
            return self.routes[bisect.bisect_right(self.bounds, point)]
        for route in self.routes:
            if route.variant == target:
                return route
        raise AwsError("ValidationError", f"Variant {target} not found for endpoint {self.endpoint}.")


class Routes:
    """The tables of every endpoint that serves; readers need no lock."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}

    def find(self, endpoint_name: str) -> Table | None:
        """Return an endpoint's table, None when it does not serve."""
        return self._tables.get(endpoint_name)

    def publish(self, endpoint: Endpoint) -> None:
        """Route requests to the endpoint's present variants."""
        variants = tuple(endpoint.variants.values())
        self._tables[endpoint.name] = Table(
            endpoint=endpoint.name,
            routes=tuple(Route(variant=each.name, instances=each.instances) for each in variants),
            bounds=tuple(itertools.accumulate(each.current_weight for each in variants)),
            metrics_seconds=endpoint.config.metrics_seconds,
        )

    def drop(self, endpoint_name: str) -> None:
        """Route nothing to an endpoint any more."""
        self._tables.pop(endpoint_name, None)
