"""A registry in memory, and a pipeline that calls the gate, which asks in either way."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from deliver.ask_by_endpoint import ByEndpoint
from deliver.ask_by_transform import ByTransform
from deliver.asked_models import AskedModels
from deliver.asking import Asking
from deliver.kept_answers import KeptAnswers
from deliver.logic import Delivery
from deliver.row_by_row import RowByRow
from deliver.validate import Validate
from tests.lambdas.fakes.asking import FakeEndpoints, FakeInvoker
from tests.lambdas.fakes.reports import FakeReports, Told, event
from tests.lambdas.fakes.transforming import FakeModels, FakeObjects, FakeTransforms
from tests.lambdas.fakes.world import GROUP, Crash, Port, World, call, package
from tidegate_runtime.errors import NotApproved
from tidegate_runtime.validation.criteria import Criteria
from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import BY_ENDPOINT, Gate
from tidegate_runtime.validation.metrics import METRICS

ROWS = 200
CALL_SECONDS = 30

GATE = Gate(
    criteria=Criteria(metric="accuracy", max_worse=0.02, at_least=0.5),
    prediction="/predictions/0",
    instance_type="ml.m5.large",
)
DATA = DataSet.parse(
    b"".join(b"%s\n" % json.dumps({"input": [i], "label": i % 10}).encode() for i in range(ROWS)),
    metric=METRICS["accuracy"],
)
PARAMETERS: Mapping[str, Any] = {
    "do": "validate",
    "execution": "e1",
    "package": package(2),
    "at": {
        "environment": "rehearsal",
        "role": "arn:aws:iam::000000000000:role/digits-rehearsal-delivery",
        "region": "us-east-1",
        "name": GROUP,
        "pointer": "/tidegate/rehearsal/digits/live-model-package",
    },
}


class FakeSpecifications(Port):
    """The registry; a package's container reads its artifact from the package's own ARN."""

    name = "registry"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.missing: set[str] = set()

    @call
    def containers(self, arn: str) -> list[dict[str, Any]]:
        if arn in self.missing:
            raise NotApproved(f"{arn} does not exist")
        return [{"Image": "image", "ModelDataUrl": arn, "Environment": {"OWN": "1"}}]


class FakeLive(Port):
    """The live pointer, to be read."""

    name = "ssm"

    def __init__(self, world: World, value: str | None) -> None:
        super().__init__(world)
        self.value = value

    @call
    def read(self) -> str | None:
        return self.value

    def create(self, value: str) -> bool:
        raise AssertionError(value)

    def write(self, value: str) -> None:
        raise AssertionError(value)


class GatedPipeline:
    """A stage of a pipeline whose one action is the gate; CodePipeline calls every half minute."""

    def __init__(self, *, gate: Gate = GATE, live: str | None = package(1)) -> None:
        self.world = World()
        self.objects = FakeObjects(self.world)
        self.models = FakeModels(self.world)
        self.transforms = FakeTransforms(self.world, self.objects, self.models)
        self.endpoints = FakeEndpoints(self.world, self.models)
        self.invoker = FakeInvoker(self.world, self.endpoints)
        self.registry = FakeSpecifications(self.world)
        self.pointer = FakeLive(self.world, live)
        self.reports = FakeReports(self.world)
        self.gate, self.parameters, self._attempts = gate, dict(PARAMETERS), 0
        self.between: Callable[[], None] = lambda: None

    def run(self, *, most_calls: int = 2_000) -> Told:
        """Run the stage, once more if it has run before; Lambda calls again when a call has died."""
        self._attempts += 1
        token = ""
        for number in range(most_calls):
            job = f"job-{self._attempts}-{number}"
            while job not in self.reports.told:
                try:
                    self._delivery()(event(job, self.parameters, token=token))
                except Crash:
                    self.world.faults.crash_at = 0
            told = self.reports.told[job]
            if told.kind != "goes_on":
                return told
            token = told.token
            self.world.time += CALL_SECONDS
            self.between()
        raise AssertionError("the gate does not come to an end")

    def call_once(self, job: str) -> None:
        """Handle the first call of a job, as Lambda does for an event that comes twice."""
        self._delivery()(event(job, self.parameters, token=""))

    def _delivery(self) -> Delivery:
        job = Validate(
            gate=self.gate, data=DATA, pointer=self.pointer, asking=self._asking(), clock=self.world
        )
        return Delivery(job_of=lambda _: job, reports=self.reports, clock=self.world)

    def _asking(self) -> Asking:
        models = AskedModels(
            gate=self.gate,
            registry=self.registry,
            models=self.models,
            role_arn="arn:aws:iam::000000000000:role/execution",
        )
        if self.gate.by == BY_ENDPOINT:
            rows = RowByRow(gate=self.gate, data=DATA, invoker=self.invoker.of, clock=self.world)
            kept = KeptAnswers(self.objects)
            return ByEndpoint(gate=self.gate, models=models, endpoints=self.endpoints, kept=kept, rows=rows)
        return ByTransform(
            gate=self.gate, data=DATA, models=models, transforms=self.transforms, objects=self.objects
        )


def with_limits(**limits: Any) -> Gate:
    """Return the gate with other limits."""
    return replace(GATE, criteria=Criteria(metric="accuracy", **limits))


def assert_clean(pipeline: GatedPipeline) -> None:
    """Assert that nothing is left that costs anything, nor models."""
    assert pipeline.models.held == {}
    assert pipeline.endpoints.configs == {}
    found = [pipeline.endpoints.find(name) for name in list(pipeline.endpoints.served)]
    assert all(served is None or served.view.status == "Deleting" for served in found), found
    assert not [job for job in pipeline.transforms.jobs.values() if job.view.status == "InProgress"]
