"""Endpoints that a gate makes for itself, and the models behind them, in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.lambdas.fakes.transforming import FakeModels
from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.errors import EndpointBusy, Rejected
from tidegate_runtime.expectations import Answer
from tidegate_runtime.samples import Sample
from tidegate_runtime.validation.ports import Hosted

CREATE_SECONDS = 240
DELETE_SECONDS = 45


@dataclass
class Served:
    """An endpoint: the package that it serves, and when it is made, or deleted."""

    package: str
    until: float
    view: Hosted


class FakeEndpoints(Port):
    """Endpoints that take four minutes to be made; `fails` and `never` hold packages that are not served."""

    name = "endpoints"

    def __init__(self, world: World, models: FakeModels) -> None:
        super().__init__(world)
        self._models = models
        self.fails: set[str] = set()
        self.never: set[str] = set()
        self.configs: dict[str, Mapping[str, Any]] = {}
        self.served: dict[str, Served] = {}
        self.made: list[str] = []

    @call
    def describe(self, name: str) -> Hosted | None:
        served = self.find(name)
        return None if served is None else served.view

    @call
    def create_config(self, definition: Mapping[str, Any]) -> None:
        assert definition["ProductionVariants"][0]["ModelName"] in self._models.held
        self.configs.setdefault(definition["EndpointConfigName"], definition)

    @call
    def create(self, definition: Mapping[str, Any]) -> None:
        name, config = definition["EndpointName"], self.configs[definition["EndpointConfigName"]]
        if self.find(name) is None:
            package = self._models.package(config["ProductionVariants"][0]["ModelName"])
            self.made.append(package)
            until = self.world.time + CREATE_SECONDS
            self.served[name] = Served(package=package, until=until, view=Hosted(status="Creating"))

    @call
    def delete(self, name: str) -> None:
        served = self.find(name)
        if served is None:
            return
        if served.view.status not in ("InService", "Failed"):
            raise EndpointBusy("Cannot update in-progress endpoint")
        served.view, served.until = Hosted(status="Deleting"), self.world.time + DELETE_SECONDS

    @call
    def delete_config(self, name: str) -> None:
        served = self.find(name)
        assert served is None or served.view.status == "Deleting", "its configuration is in use"
        self.configs.pop(name, None)

    def find(self, name: str) -> Served | None:
        """Return an endpoint as it is now."""
        served = self.served.get(name)
        if served is None or self.world.time < served.until:
            return served
        if served.view.status == "Deleting":
            del self.served[name]
            return None
        if served.view.status == "Creating" and served.package not in self.never:
            failed = Hosted(status="Failed", reason="the container did not pass its health check")
            served.view = failed if served.package in self.fails else Hosted(status="InService")
        return served


class FakeInvoker(Port):
    """What one endpoint answers.

    `wrong` counts the rows that a package answers wrongly, `says` holds what a package answers to rows by
    their numbers, `seconds` is what an answer takes.
    """

    name = "runtime"

    def __init__(self, world: World, endpoints: FakeEndpoints) -> None:
        super().__init__(world)
        self._endpoints = endpoints
        self.wrong: dict[str, int] = {}
        self.says: dict[str, dict[int, tuple[int, bytes]]] = {}
        self.seconds = 0.02
        self.asked: list[tuple[str, str]] = []
        self.sent: list[Sample] = []

    def of(self, endpoint: str) -> "OneInvoker":
        """Return the port of one endpoint."""
        return OneInvoker(self, endpoint)

    @call
    def invoke(self, endpoint: str, sample: Sample) -> Answer:
        served = self._endpoints.find(endpoint)
        if served is None or served.view.status != "InService":
            raise Rejected(f"Endpoint {endpoint} not found.")
        self.world.time += self.seconds
        number = int(sample.name.removeprefix("row "))
        self.asked.append((served.package, sample.name))
        self.sent.append(sample)
        right = json.loads(sample.body)[0] + (number <= self.wrong.get(served.package, 0))
        usual = (200, b'{"predictions":\n [%d]}' % (right % 10))
        status, body = self.says.get(served.package, {}).get(number, usual)
        return Answer(status=status, content_type="application/json", body=body, seconds=self.seconds)


@dataclass(frozen=True)
class OneInvoker:
    """The `Invoker` port of one endpoint."""

    model: FakeInvoker
    endpoint: str

    def invoke(self, variant: str, sample: Sample) -> Answer:
        """Return the answer of whichever variant."""
        assert not variant
        return self.model.invoke(self.endpoint, sample)
