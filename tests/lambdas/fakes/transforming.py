"""Models that a gate makes, transform jobs, and the bucket that they read and write, in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.validation.ports import Transform

BUCKET = "artifacts"
JOB_SECONDS = 600


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


class FakeModels(Port):
    """Models by their names."""

    name = "models"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.held: dict[str, Mapping[str, Any]] = {}

    def package(self, name: str) -> str:
        """Return the package that a model was made of."""
        return str(self.held[name]["PrimaryContainer"]["ModelDataUrl"])

    @call
    def create(self, definition: Mapping[str, Any]) -> None:
        self.held.setdefault(definition["ModelName"], definition)

    @call
    def delete(self, name: str) -> None:
        self.held.pop(name, None)


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

    def __init__(self, world: World, objects: FakeObjects, models: FakeModels) -> None:
        super().__init__(world)
        self._objects, self._models = objects, models
        self.wrong: dict[str, int] = {}
        self.fails: set[str] = set()
        self.never: set[str] = set()
        self.says: dict[str, bytes] = {}
        self.jobs: dict[str, Started] = {}
        self.asked: list[Mapping[str, Any]] = []

    @call
    def describe(self, name: str) -> Transform | None:
        self._pass()
        return self.jobs[name].view if name in self.jobs else None

    @call
    def start(self, definition: Mapping[str, Any]) -> None:
        name = definition["TransformJobName"]
        if name in self.jobs:
            return
        self.asked.append(definition)
        self.jobs[name] = Started(
            package=self._models.package(definition["ModelName"]),
            source=definition["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"],
            sink=definition["TransformOutput"]["S3OutputPath"],
            until=self.world.time + JOB_SECONDS,
        )

    @call
    def stop(self, name: str) -> None:
        job = self.jobs.get(name)
        if job is not None and job.view.status == "InProgress":
            job.view, job.until = Transform(status="Stopping"), self.world.time + 60

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
