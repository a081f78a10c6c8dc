"""CloudFormation in memory, deploying a hosting stack: guard, endpoint, attachment, and something after it.

A custom resource is called only when its properties change. One whose update failed is sent back too. A
function that dies is delivered again twice, then CloudFormation gives up on it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from attach.logic import Attach
from guard.detaching import Detaching
from guard.logic import Guard
from tests.lambdas.fakes.attachments import FakeAttachments, FakeScalingRecord
from tests.lambdas.fakes.cloud import FakePointer
from tests.lambdas.fakes.ledger import FakeLedger
from tests.lambdas.fakes.world import Crash, Port, World, call
from tidegate_runtime.attachment import Attachment
from tidegate_runtime.errors import EndpointMissing
from tidegate_runtime.ports import EndpointView, StackView
from watchdog.restoring import Restoring

STEPS = ("guard", "endpoint", "attach", "other")
_DELIVERIES = 3
Function = Callable[[Mapping[str, Any]], str | None]


class Failed(Exception):
    """A resource could not be changed."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """What a template says: instance types by variant, and what scales them."""

    types: Mapping[str, str] = field(default_factory=lambda: {"live": "ml.m5.large"})
    scaling: Mapping[str, Attachment] = field(default_factory=dict)

    def properties(self, step: str) -> dict[str, str]:
        if step == "guard":
            return {"ModelPackage": "v1", "Variants": json.dumps(dict(self.types), sort_keys=True)}
        plain = {name: one.to_dict() for name, one in self.scaling.items()}
        return {"Scaling": json.dumps(plain, sort_keys=True)}


class ShapedEndpoint(Port):
    """The part of the `Endpoint` port that tells the shape."""

    name = "sagemaker"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.types: dict[str, str] = {}
        self.status = "InService"

    @call
    def describe(self) -> EndpointView:
        if not self.types:
            raise EndpointMissing("Could not find endpoint")
        return EndpointView(status=self.status, config_name="config")

    @call
    def config(self, name: str) -> dict[str, Any]:
        variants = [{"VariantName": one, "InstanceType": kind} for one, kind in self.types.items()]
        return {"ProductionVariants": variants}

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody here calls {name}")


class StackStatus(Port):
    """The part of the `Stack` port that is read."""

    name = "cloudformation"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.status = "UPDATE_COMPLETE"

    @call
    def describe(self) -> StackView | None:
        return StackView(status=self.status, config_name="", package_arn="") if self.status else None

    def update(self, *, token: str) -> None:
        raise AssertionError("nobody here updates the stack")


class HostingDeploys:
    """One hosting stack with its custom resources and the watchdog."""

    def __init__(self, template: Template | None = None) -> None:
        self.world = World()
        self.endpoint, self.stack = ShapedEndpoint(self.world), StackStatus(self.world)
        self.attachments, self.record = FakeAttachments(self.world), FakeScalingRecord(self.world)
        self.ledger, pointer = FakeLedger(self.world), FakePointer(self.world)
        pointer.value = "v1"
        parts: dict[str, Any] = {
            "endpoint": self.endpoint,
            "attachments": self.attachments,
            "record": self.record,
        }
        self.guard = Guard(
            ledger=self.ledger, pointer=pointer, stack=self.stack, detaching=Detaching(**parts)
        )
        self.attach = Attach(**parts, stack=self.stack)
        self.restoring = Restoring(**parts, stack=self.stack)
        self.template = template or Template()
        self.failing, self.backwards, self.retries = "", False, True
        self.refusals: list[str] = []
        if template is not None:
            self.endpoint.types = dict(template.types)
            for name, one in template.scaling.items():
                self.attachments.attach(name, one)

    # --- what a user does -----------------------------------------------------------------------------------
    def deploy(self, wanted: Template) -> str:
        """Update the stack, roll back what fails; return the status it ends in."""
        before, begun = self.template, []
        self.stack.status = "UPDATE_IN_PROGRESS"
        try:
            for step in STEPS:
                if step in ("endpoint", "other") or before.properties(step) != wanted.properties(step):
                    begun.append(step)
                    self._change(step, before, wanted)
        except Failed as error:
            self.refusals.append(str(error))
            self.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
            self.failing = ""
            self.stack.status = self._back(reversed(begun) if self.backwards else begun, wanted, before)
        else:
            self.template, self.stack.status = wanted, "UPDATE_COMPLETE"
        return self.stack.status

    def _back(self, steps: Iterable[str], applied: Template, previous: Template) -> str:
        try:
            for step in steps:
                self._change(step, applied, previous)
        except Failed:
            return "UPDATE_ROLLBACK_FAILED"
        return "UPDATE_ROLLBACK_COMPLETE"

    def tick(self) -> list[str]:
        """Run the scheduled watchdog twice, as two minutes do; one run may die."""
        answers: list[str] = []
        for _ in range(2):
            try:
                answers += self.restoring.restore(rolling_out=bool(self.ledger.open_runs()))
            except Crash:
                continue
        return answers

    # --- what CloudFormation does ---------------------------------------------------------------------------
    def _change(self, step: str, before: Template, wanted: Template) -> None:
        if step == "guard":
            self._call(self.guard.refusal, step, before, wanted)
        elif step == "attach":
            self._call(self.attach.refusal, step, before, wanted)
        elif step == "endpoint":
            self._update_endpoint(wanted)
        if step == self.failing:
            raise Failed(f"{step} fails")

    def _update_endpoint(self, wanted: Template) -> None:
        changed = {name for name, kind in self.endpoint.types.items() if wanted.types.get(name) != kind}
        if changed & set(self.attachments.targets):
            raise Failed(f"{sorted(changed)} are registered as scalable targets")
        if self.failing != "endpoint":
            self.endpoint.types = dict(wanted.types)

    def _call(
        self,
        function: Callable[[Mapping[str, Any]], str | None],
        step: str,
        before: Template,
        wanted: Template,
    ) -> None:
        event = {
            "RequestType": "Update",
            "ResourceProperties": wanted.properties(step),
            "OldResourceProperties": before.properties(step),
        }
        for _ in range(_DELIVERIES if self.retries else 1):
            try:
                refusal = function(event)
            except Crash:
                continue
            except Exception as error:  # noqa: BLE001  (the handler answers with it)
                refusal = str(error)
            if refusal is not None:
                raise Failed(refusal)
            return
        raise Failed(f"{step} did not answer")
