"""What happens to an endpoint over time: created, updated, rolled back, scaled, deleted.

A change is accepted at once and carried out later: after the time that SageMaker takes for it on the cloud
clock, and not before the model processes answer their pings.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Final

from localcloud.hosting import Host
from localcloud.sagemaker.changes import Change
from localcloud.sagemaker.endpoint import Endpoint, Pending, Variant
from localcloud.sagemaker.fleets import Fleet
from localcloud.sagemaker.guardrails import Guardrails, effective
from localcloud.sagemaker.updates import Update
from localcloud.sagemaker.work import EndpointWork

_LONGEST_REASON: Final = 1024


class Deployments:
    """Carries out changes of endpoints. Methods are called under the lock, and return at once.

    Args:
        work: what changes need.
        forget: called with an endpoint that has been deleted.

    """

    def __init__(self, work: EndpointWork, *, forget: Callable[[Endpoint], None]) -> None:
        self._work = work
        self._forget = forget

    def fail_next(self, endpoint_name: str, reason: str) -> None:
        """Let the next launch of instances for an endpoint fail, as when AWS has no capacity.

        For tests, in this process only: no request can do this.
        """
        self._work.faults[endpoint_name] = reason

    def create(self, endpoint: Endpoint) -> None:
        """Start the first fleet; Creating, then InService or Failed."""

        def up(fleet: Fleet) -> None:
            self._work.staff(endpoint.variants.values(), fleet)
            self._work.settle(endpoint, "InService")

        def failed(error: BaseException) -> None:
            endpoint.failure_reason = _reason(error)
            self._work.settle(endpoint, "Failed")

        self._work.events.endpoint(endpoint)
        self._after(
            self._work.durations.create, self._launch(endpoint, endpoint.variants.values()), up, failed
        )

    def update(self, endpoint: Endpoint, pending: Pending, rules: Guardrails) -> None:
        """Start a new fleet, move the traffic, retire the old one; go back silently when it fails."""
        Update(self._work, endpoint, pending, effective(rules, endpoint.config, pending.config)).begin()

    def change(self, endpoint: Endpoint, change: Change) -> None:
        """Change weights and capacities in place; a launch that fails leaves everything as it was."""
        before = {name: (v.desired_weight, v.desired_count) for name, v in endpoint.variants.items()}
        for name, variant in endpoint.variants.items():
            variant.desired_weight = change.weights.get(name, variant.desired_weight)
            variant.desired_count = change.counts.get(name, variant.desired_count)
            variant.desired_concurrency = change.limits.get(name, variant.desired_concurrency)
        instances = [v for v in endpoint.variants.values() if v.workers is None]
        scaled = [v for v in instances if v.desired_count != len(v.instances)]

        def up(fleet: Fleet) -> None:
            surplus = _resize(endpoint, fleet)
            for variant in endpoint.variants.values():
                if variant.workers is not None and variant.desired_concurrency is not None:
                    variant.workers.resize(variant.desired_concurrency)
            self._work.settle(endpoint, "InService")
            self._work.engine.retire(surplus)

        def failed(_error: BaseException) -> None:
            for name, (weight, count) in before.items():
                variant = endpoint.variants[name]
                variant.desired_weight, variant.desired_count = weight, count
            self._roll_back(endpoint)

        self._work.begin(endpoint, "Updating")
        if scaled:
            self._work.events.deployment(endpoint)
        seconds = self._work.durations.update if scaled or change.limits else self._work.durations.weights
        self._after(seconds, self._launch(endpoint, scaled), up, failed)

    def delete(self, endpoint: Endpoint) -> None:
        """Stop serving at once, end the instances after their requests; then the endpoint is gone."""

        def gone() -> None:
            with self._work.lock:
                self._forget(endpoint)

        self._work.begin(endpoint, "Deleting")
        self._work.routes.drop(endpoint.name)
        pending = endpoint.pending.variants if endpoint.pending else ()
        self._work.retire([*endpoint.variants.values(), *pending])
        self._work.clock.after(self._work.durations.delete, gone)

    def _roll_back(self, endpoint: Endpoint) -> None:
        """Stay on what serves. As users of SageMaker report, it says InService and gives no reason."""

        def back() -> None:
            with self._work.lock:
                endpoint.pending = None
                self._work.settle(endpoint, "InService")

        self._work.begin(endpoint, "RollingBack")
        self._work.clock.after(self._work.durations.roll_back, back)

    def _launch(self, endpoint: Endpoint, variants: Iterable[Variant]) -> Future[Fleet]:
        missing = {v.name: (v, v.lacks(v.desired_count)) for v in variants}
        return self._work.launch(endpoint, missing)

    def _after(
        self,
        seconds: float,
        launched: Future[Fleet],
        up: Callable[[Fleet], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        def finish(future: Future[Fleet]) -> None:
            with self._work.lock:
                error = future.exception()
                if error is None:
                    up(future.result())
                else:
                    failed(error)

        self._work.clock.after(seconds, lambda: launched.add_done_callback(finish))


def _resize(endpoint: Endpoint, fleet: Fleet) -> list[Host]:
    """Give variants what was launched for them; return the instances that are too many."""
    surplus: list[Host] = []
    for name in fleet:
        variant = endpoint.variants[name]
        everyone = (*variant.instances, *fleet[name])
        surplus += everyone[variant.desired_count :]
        variant.instances = everyone[: variant.desired_count]
    return surplus


def _reason(error: BaseException) -> str:
    text = str(error)
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 3] + "..."
