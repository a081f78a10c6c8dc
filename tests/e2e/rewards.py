"""Rewards of the requests that traffic sends, published as a shop would."""

import threading
from collections import Counter
from types import TracebackType
from typing import Any, Final, Self

from tests.e2e.traffic import Traffic
from tests.e2e.world import World

_PAUSE_SECONDS: Final = 0.1


class Rewards:
    """Publishes the metric `Purchases` for whatever is answered while inside the context.

    Args:
        world: The service.
        traffic: Who asks it.
        live: Share of the answers of `live` that earn a reward, 0 to 1.
        candidate: The same of `candidate`; may be changed meanwhile.

    """

    def __init__(self, world: World, traffic: Traffic, *, live: float, candidate: float) -> None:
        self.rates = {"live": live, "candidate": candidate}
        self._cloudwatch, self._endpoint = world.client("cloudwatch"), world.endpoint
        self._traffic = traffic
        self._seen: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._publish)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _publish(self) -> None:
        owed = dict.fromkeys(self.rates, 0.0)
        while not self._stop.wait(_PAUSE_SECONDS):
            answered = Counter(self._traffic.answered_by)
            for variant, rate in self.rates.items():
                owed[variant] += rate * (answered[variant] - self._seen[variant])
                self._reward(variant, int(owed[variant]))
                owed[variant] %= 1
            self._seen = answered

    def _reward(self, variant: str, rewards: int) -> None:
        """Publish some rewards at once: they are summed up."""
        dimensions = {"EndpointName": self._endpoint, "VariantName": variant}
        datum: dict[str, Any] = {
            "MetricName": "Purchases",
            "Value": rewards,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        if rewards:
            self._cloudwatch.put_metric_data(Namespace="Shop", MetricData=[datum])
