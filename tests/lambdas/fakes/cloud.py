"""Metrics, pointer, registry, scaling, events and executions in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.lambdas.fakes.sagemaker import FakeEndpoint
from tests.lambdas.fakes.world import GROUP, Port, World, call, package
from tidegate_runtime.errors import ArtifactMissing, Transient
from tidegate_runtime.expectations import Answer
from tidegate_runtime.metric_ports import SAGEMAKER
from tidegate_runtime.ports import CANDIDATE, Container, Execution, Package
from tidegate_runtime.samples import Sample
from tidegate_runtime.state import Suspended


class FakeMetrics(Port):
    """Sums made from the shares of the traffic; `rates` holds the error rate of each package.

    Every request of a package brings `rewards` of it, at once, in any namespace but SageMaker's own. `skew`
    is the part of the candidate's requests that goes to nobody.
    What is younger than `delay_seconds` has not arrived: the answer is complete all the same.
    """

    name = "cloudwatch"

    def __init__(self, world: World, endpoint: FakeEndpoint) -> None:
        super().__init__(world)
        self.endpoint = endpoint
        self.requests_per_second = 100.0
        self.rates: dict[str, float] = {}
        self.rewards: dict[str, float] = {}
        self.reward_value = 1.0
        self.incomplete_rewards = False
        self.skew = 0.0
        self.incomplete = False
        self.delay_seconds = 0
        self.asked_besides: list[tuple[float, str, bool]] = []
        """Requests that named their variant: when, which, and whether they count as errors."""

    @call
    def sums(
        self,
        names: Sequence[tuple[str, str]],
        *,
        start: int,
        end: int,
        period: int,
        namespace: str = SAGEMAKER,
    ) -> Mapping[tuple[str, str], Mapping[int, float]] | None:
        if self.incomplete:
            return None
        starts = range(start, end, period)
        if namespace != SAGEMAKER and self.incomplete_rewards:
            return None
        if namespace != SAGEMAKER:
            return {name: {at: self._reward(name[0], at, period) for at in starts} for name in names}
        return {name: {at: self._value(*name, at, period) for at in starts} for name in names}

    def _reward(self, variant: str, at: int, period: int) -> float:
        requests, served = self._requests(variant, at, period)
        return self.reward_value * round(requests * self.rewards.get(served, 0.1))

    def _requests(self, variant: str, at: int, period: int) -> tuple[int, str]:
        if at + period + self.delay_seconds > self.world.time:
            return 0, ""
        share, served = self.endpoint.weights_at(at).get(variant, (0.0, ""))
        skewed = share * (1 - self.skew) if variant == CANDIDATE else share
        return round(self.requests_per_second * period * skewed), served

    def _value(self, variant: str, metric: str, at: int, period: int) -> float:
        if at + period + self.delay_seconds > self.world.time:
            return 0
        requests, served = self._requests(variant, at, period)
        besides = [
            bad for when, named, bad in self.asked_besides if named == variant and at <= when < at + period
        ]
        if metric == "Invocations":
            return requests + len(besides)
        errors = _of(self.rates.get(served, 0.0), requests, number=at // period) + sum(besides)
        return errors if metric == "Invocation5XXErrors" else 0


def _of(rate: float, requests: int, *, number: int) -> int:
    """Return how many of a bucket's requests are bad: buckets with few requests take turns to have one."""
    millionths = round(rate * 1_000_000) * requests
    return millionths * (number + 1) // 1_000_000 - millionths * number // 1_000_000


class FakeInvoker(Port):
    """Asks variants directly; `wrong` holds packages that do not say what they should.

    Until `warm_at` no candidate is ready; each answer takes `answer_seconds`. What is asked is counted by
    the metrics, as of any other request.
    """

    name = "runtime"

    def __init__(self, world: World, endpoint: FakeEndpoint, metrics: FakeMetrics) -> None:
        super().__init__(world)
        self.endpoint, self.metrics = endpoint, metrics
        self.wrong: set[str] = set()
        self.warm_at = 0.0
        self.answer_seconds = 0.0
        self.asked: list[tuple[str, str]] = []

    @call
    def invoke(self, variant: str, sample: Sample) -> Answer:
        if self.world.time < self.warm_at:
            raise Transient("ModelNotReadyException: the model is still loading")
        package = self.endpoint.served_by(variant)
        self.world.time += self.answer_seconds
        self.asked.append((package, sample.name))
        says = b"[1]" if package in self.wrong else b"[7]"
        self.metrics.asked_besides.append((self.world.time, variant, package in self.wrong))
        return Answer(status=200, content_type="application/json", body=says, seconds=self.answer_seconds)


class FakePointer(Port):
    """The live pointer."""

    name = "ssm"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.value: str | None = None

    @call
    def read(self) -> str | None:
        return self.value

    @call
    def create(self, value: str) -> bool:
        new = self.value is None
        self.value = value if new else self.value
        return new

    @call
    def write(self, value: str) -> None:
        self.value = value


class FakeRegistry(Port):
    """Versions that are approved unless said otherwise."""

    name = "registry"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.packages: dict[str, Package] = {}
        self.lost_artifacts = False

    @call
    def package(self, arn: str) -> Package:
        return self.package_now(arn)

    def package_now(self, arn: str) -> Package:
        """Return a version without counting as a call."""
        usual = Container(image="image", artifact_uri="s3://bucket/model.tar.gz")
        known = Package(arn=arn, group=GROUP, approval="Approved", containers=(usual,))
        return self.packages.get(arn, known)

    def change(self, version: int, approval: str) -> None:
        """Change the approval status of a version, as a person does."""
        arn = package(version)
        self.packages[arn] = replace(self.package_now(arn), approval=approval, changed_by="ada")

    @call
    def require_artifact(self, uri: str, *, version: str) -> None:
        if self.lost_artifacts:
            raise ArtifactMissing(uri)


class FakeScaling(Port):
    """A scalable target, or none."""

    name = "scaling"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state: Suspended | None = Suspended()

    @call
    def suspended(self) -> Suspended | None:
        return self.state

    @call
    def suspend(self, what: Suspended) -> None:
        self.state = what


class FakeExecutions(Port):
    """Executions by machine and name; the machines themselves look at `inputs` and write `views`."""

    name = "states"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.inputs: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.views: dict[tuple[str, str], Execution] = {}

    @call
    def start(self, machine_arn: str, *, name: str, document: Mapping[str, Any]) -> bool:
        return self.begin(machine_arn, name=name, document=document)

    def begin(self, machine_arn: str, *, name: str, document: Mapping[str, Any]) -> bool:
        """Start an execution as a state machine or an operator does."""
        key = (machine_arn, name)
        if key in self.inputs:
            return False
        self.inputs[key] = document
        self.views[key] = Execution(status="RUNNING")
        return True

    @call
    def describe(self, machine_arn: str, *, name: str) -> Execution | None:
        return self.views.get((machine_arn, name))

    @call
    def stop(self, machine_arn: str, *, name: str, reason: str) -> None:
        key = (machine_arn, name)
        if key in self.views and self.views[key].status == "RUNNING":
            self.views[key] = Execution(status="ABORTED")

    @call
    def running(self, machine_arn: str) -> Sequence[str]:
        return [
            name
            for (machine, name), view in self.views.items()
            if machine == machine_arn and view.status == "RUNNING"
        ]
