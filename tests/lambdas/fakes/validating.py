"""SageMaker's transform jobs, a bucket and a registry in memory, and a pipeline that calls the gate."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deliver.logic import Delivery
from deliver.validate import Validate
from tests.lambdas.fakes.reports import FakeReports, Told, event
from tests.lambdas.fakes.world import GROUP, Crash, Port, World, call, package
from tidegate_runtime.errors import NotApproved
from tidegate_runtime.validation.criteria import Criteria
from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import Gate
from tidegate_runtime.validation.metrics import METRICS
from tidegate_runtime.validation.ports import Transform

BUCKET = "artifacts"
ROWS = 200
JOB_SECONDS = 600
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


class FakeObjects(Port):
    """The objects of one bucket."""

    name = "s3"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.held: dict[str, bytes] = {}

    def uri(self, key: str) -> str:
        return f"s3://{BUCKET}/{key}"

    @call
    def write(self, key: str, content: bytes) -> None:
        self.held[key] = content

    @call
    def read(self, key: str) -> bytes | None:
        return self.held.get(key)


@dataclass
class Started:
    """A job that was started: what it runs, what it writes where, and when it is over."""

    package: str
    source: str
    sink: str
    until: float
    view: Transform = field(default_factory=lambda: Transform(status="InProgress"))


class FakeTransforms(Port):
    """Jobs that take ten minutes; `wrong` counts the rows that a package answers wrongly.

    `fails` holds packages whose jobs fail, `never` those whose jobs do not end, `says` what a package's job
    writes in place of an answer to each row.
    """

    name = "sagemaker"

    def __init__(self, world: World, objects: FakeObjects) -> None:
        super().__init__(world)
        self._objects = objects
        self.wrong: dict[str, int] = {}
        self.fails: set[str] = set()
        self.never: set[str] = set()
        self.says: dict[str, bytes] = {}
        self.models: dict[str, Mapping[str, Any]] = {}
        self.jobs: dict[str, Started] = {}
        self.asked: list[Mapping[str, Any]] = []

    @call
    def describe(self, name: str) -> Transform | None:
        self._pass()
        return self.jobs[name].view if name in self.jobs else None

    @call
    def create_model(self, definition: Mapping[str, Any]) -> None:
        self.models.setdefault(definition["ModelName"], definition)

    @call
    def start(self, definition: Mapping[str, Any]) -> None:
        name = definition["TransformJobName"]
        if name in self.jobs:
            return
        self.asked.append(definition)
        model = self.models[definition["ModelName"]]
        self.jobs[name] = Started(
            package=model["PrimaryContainer"]["ModelDataUrl"],
            source=definition["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"],
            sink=definition["TransformOutput"]["S3OutputPath"],
            until=self.world.time + JOB_SECONDS,
        )

    @call
    def stop(self, name: str) -> None:
        job = self.jobs.get(name)
        if job is not None and job.view.status == "InProgress":
            job.view, job.until = Transform(status="Stopping"), self.world.time + 60

    @call
    def delete_model(self, name: str) -> None:
        self.models.pop(name, None)

    def _pass(self) -> None:
        for job in self.jobs.values():
            if job.view.in_progress and self.world.time >= job.until:
                self._end(job)

    def _end(self, job: Started) -> None:
        if job.view.status == "Stopping":
            job.view = Transform(status="Stopped")
        elif job.package in self.fails:
            job.view = Transform(status="Failed", reason="AlgorithmError: it does not start")
        elif job.package not in self.never:
            job.view = Transform(status="Completed")
            self._answer(job)

    def _answer(self, job: Started) -> None:
        rows = self._objects.held[job.source.removeprefix(f"s3://{BUCKET}/")].splitlines()
        wrong = self.wrong.get(job.package, 0)
        said = [(json.loads(row)[0] + (number < wrong)) % 10 for number, row in enumerate(rows)]
        lines = b"".join(b'{"predictions": [%d]}\n' % one for one in said)
        key = f"{job.sink.removeprefix(f's3://{BUCKET}/')}/input.jsonl.out"
        self._objects.held[key] = self.says.get(job.package, lines)


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
        self.transforms = FakeTransforms(self.world, self.objects)
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
            gate=self.gate,
            data=DATA,
            pointer=self.pointer,
            registry=self.registry,
            transforms=self.transforms,
            objects=self.objects,
            role_arn="arn:aws:iam::000000000000:role/execution",
            clock=self.world,
        )
        return Delivery(job_of=lambda _: job, reports=self.reports, clock=self.world)


def with_limits(**limits: Any) -> Gate:
    """Return the gate with other limits."""
    return replace(GATE, criteria=Criteria(metric="accuracy", **limits))
