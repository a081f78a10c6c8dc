"""The metrics of invocations, published interval by interval.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from localcloud.clock import CloudClock
from localcloud.cloudwatch.store import MetricKey
from localcloud.hosting import Call, Taken

_NAMESPACE: Final = "AWS/SageMaker"
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
_MICROSECONDS: Final = 1_000_000
_OF_INSTANCES: Final = frozenset({"InvocationsPerInstance", "InvocationModelErrors"})


_Alike = tuple[str, str, str, int]


class MetricSink(Protocol):
    """Where samples go."""

    def record(
        self, namespace: str, name: str, dimensions: Mapping[str, str], value: float, unit: str, at: float
    ) -> None:
        """Add one sample, taken at `at` (epoch seconds of the cloud clock)."""

    def record_values(
        self, key: MetricKey, values: Sequence[tuple[float, float]], unit: str, at: float
    ) -> None:
        """Add pairs of value and count that share one timestamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One request that reached a model.

    Attributes:
        endpoint: endpoint name.
        variant: variant name.
        config: name of the configuration of the fleet that answered.
        at: when it ended, epoch seconds of the cloud clock.
        status: HTTP status of the model, 0 when it gave no answer.
        instances: instances of the variant at that time.
        model_seconds: real seconds that the model process took.
        overhead_seconds: real seconds that the gateway added.
        taken: the worker that answered, when the variant is serverless.
        call: the way through several containers, or to one of several models.
        component: name of the inference component that answered, if one did.

    """

    endpoint: str
    variant: str
    config: str
    at: float
    status: int
    instances: int
    model_seconds: float
    overhead_seconds: float
    taken: Taken | None = None
    call: Call | None = None
    component: str | None = None


class InvocationMetrics:
    """Keeps invocations until their interval is over, then records them at the time they happened.

    Latencies are of the real clock: a model does not run faster because the cloud's time does.

    Args:
        clock: the cloud clock.
        sink: where samples go.

    """

    def __init__(self, clock: CloudClock, sink: MetricSink) -> None:
        self._clock = clock
        self._sink = sink
        self._lock = threading.Lock()
        self._waiting: dict[int, list[Invocation]] = {}

    def add(self, invocation: Invocation, *, interval_seconds: int) -> None:
        """Take note of a request; its samples appear when its interval of the cloud clock is over."""
        with self._lock:
            waiting = self._waiting.get(interval_seconds)
            if waiting is not None:
                waiting.append(invocation)
                return
            self._waiting[interval_seconds] = [invocation]
        self._clock.after(
            interval_seconds - invocation.at % interval_seconds, lambda: self._flush(interval_seconds)
        )

    def concurrent(self, endpoint: str, variant: str, requests: int) -> None:
        """Record the requests that an instance has in hand as one more arrives; automatic scaling follows it.

        Source:
            https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html

        """
        dimensions = {"EndpointName": endpoint, "VariantName": variant}
        at = self._clock.now()
        self._sink.record(_NAMESPACE, "ConcurrentRequestsPerModel", dimensions, float(requests), "Count", at)

    def no_capacity(self, component: str, *, at: float) -> None:
        """Record at once that an inference component without copies was called.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
        """
        dimensions = {"InferenceComponentName": component}
        self._sink.record(_NAMESPACE, "NoCapacityInvocationFailures", dimensions, 1.0, "Count", at)

    def flush(self) -> None:
        """Record everything now."""
        for interval in list(self._waiting):
            self._flush(interval)

    def _flush(self, interval_seconds: int) -> None:
        with self._lock:
            published = self._waiting.pop(interval_seconds, [])
        # Plain requests of one second and fleet are recorded together: most of their values are equal.
        alike: dict[_Alike, list[Invocation]] = defaultdict(list)
        for each in published:
            if each.taken is None and each.call is None and each.component is None:
                alike[each.endpoint, each.variant, each.config, int(each.at)].append(each)
            else:
                self._record(each)
        for (endpoint, variant, config, at), group in alike.items():
            own = {"EndpointName": endpoint, "VariantName": variant}
            self._record_together(own, {**own, "EndpointConfigName": config}, group, at)

    def _record_together(
        self, variant: Mapping[str, str], fleet: Mapping[str, str], group: Sequence[Invocation], at: int
    ) -> None:
        values: dict[tuple[str, str], list[float]] = defaultdict(list)
        for invocation in group:
            counts, latencies = _samples(invocation)
            for unit, samples in (("Count", counts), ("Microseconds", latencies)):
                for name, value in samples.items():
                    values[name, unit].append(value)
        for (name, unit), found in values.items():
            counted = [(value, float(count)) for value, count in Counter(found).items()]
            for dimensions in (variant, fleet):
                key = MetricKey.of(_NAMESPACE, name, dimensions)
                self._sink.record_values(key, counted, unit, at)

    def _record(self, invocation: Invocation) -> None:
        counts, latencies = _samples(invocation)
        variant = {"EndpointName": invocation.endpoint, "VariantName": invocation.variant}
        samples = [("Count", counts), ("Microseconds", latencies)]
        if invocation.taken is not None:
            samples = _serverless(invocation.taken, counts, latencies)
        if invocation.call is not None:
            self._record_call(invocation, invocation.call)
        if invocation.component is not None:
            copies = {**counts, "InvocationsPerCopy": counts["InvocationsPerInstance"]}
            del copies["InvocationsPerInstance"]
            own = {"InferenceComponentName": invocation.component}
            self._record_all(own, [("Count", copies), ("Microseconds", latencies)], invocation.at)
        # Per fleet too, so that an alarm can see the new fleet of an update alone.
        for dimensions in (variant, {**variant, "EndpointConfigName": invocation.config}):
            self._record_all(dimensions, samples, invocation.at)

    def _record_all(
        self, dimensions: Mapping[str, str], samples: Sequence[tuple[str, Mapping[str, float]]], at: float
    ) -> None:
        for unit, values in samples:
            for name, value in values.items():
                self._sink.record(_NAMESPACE, name, dimensions, value, unit, at)

    def _record_call(self, invocation: Invocation, call: Call) -> None:
        """Record what models took to load, and what each container took.

        Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoint-cloudwatch-metrics.html
        and https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-metrics.html
        """
        variant = {"EndpointName": invocation.endpoint, "VariantName": invocation.variant}

        def record(name: str, value: float, unit: str, **container: str) -> None:
            self._sink.record(_NAMESPACE, name, {**variant, **container}, value, unit, invocation.at)

        if call.loaded is not None:
            record("ModelCacheHit", float(call.loaded), "Count")
            record("ModelLoadingWaitTime", call.load_seconds * _MICROSECONDS, "Microseconds")
        for name, seconds in call.seconds.items():
            record("ContainerLatency", seconds * _MICROSECONDS, "Microseconds", ContainerName=name)
            if call.target is not None:
                record("Invocations", 1.0, "Count", ContainerName=name)


def _samples(invocation: Invocation) -> tuple[dict[str, float], dict[str, float]]:
    status = invocation.status
    counts = {
        "Invocations": 1.0,
        "InvocationsPerInstance": 1.0 / max(1, invocation.instances),
        "Invocation4XXErrors": float(_BAD_REQUEST <= status < _SERVER_ERROR),
        "Invocation5XXErrors": float(status >= _SERVER_ERROR),
        "InvocationModelErrors": float(not 200 <= status < 300),
    }
    latencies = {
        "ModelLatency": invocation.model_seconds * _MICROSECONDS,
        "OverheadLatency": invocation.overhead_seconds * _MICROSECONDS,
    }
    return counts, latencies


def _serverless(
    taken: Taken, counts: dict[str, float], latencies: dict[str, float]
) -> list[tuple[str, dict[str, float]]]:
    """Return the metrics of a serverless variant, which has some of its own and lacks others.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
    """
    busy, limits = taken.busy, taken.limits
    counts = {name: value for name, value in counts.items() if name not in _OF_INSTANCES}
    shares = {"ServerlessConcurrentExecutionsUtilization": busy / limits.maximum}
    if limits.provisioned:
        warm = min(busy, limits.provisioned)
        spilled = busy > limits.provisioned
        shares["ServerlessProvisionedConcurrencyUtilization"] = warm / limits.provisioned
        counts["ServerlessProvisionedConcurrencyExecutions"] = float(warm)
        counts["ServerlessProvisionedConcurrencyInvocations"] = float(not spilled)
        counts["ServerlessProvisionedConcurrencySpilloverInvocations"] = float(spilled)
    if taken.setup_seconds is not None:
        latencies = {**latencies, "ModelSetupTime": taken.setup_seconds * _MICROSECONDS}
    return [("Count", counts), ("Microseconds", latencies), ("None", shares)]
