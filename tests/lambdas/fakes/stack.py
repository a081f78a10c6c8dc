"""The hosting stack in memory: reads the pointer, asks the guard, changes the endpoint, rolls back."""

import json
from dataclasses import dataclass

from guard.detaching import Detaching
from guard.logic import Guard
from tests.lambdas.fakes.attachments import FakeAttachments, FakeScalingRecord
from tests.lambdas.fakes.cloud import FakePointer
from tests.lambdas.fakes.ledger import FakeLedger
from tests.lambdas.fakes.sagemaker import FakeEndpoint
from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.errors import EndpointBusy, NothingToUpdate, Rejected, Transient
from tidegate_runtime.ports import LIVE, StackView


@dataclass
class Update:
    """A stack update on its way."""

    package: str
    config: str
    started: bool = False
    ready_at: float = 0.0


class FakeStack(Port):
    """The `Stack` port. `fails` makes updates fail before they touch the endpoint, that many times.

    `bakes_seconds` is how long the guardrails in its template make SageMaker watch an update;
    `believes` makes CloudFormation take an endpoint that went back for one that was updated.
    """

    name = "cloudformation"

    def __init__(
        self, world: World, *, endpoint: FakeEndpoint, pointer: FakePointer, ledger: FakeLedger
    ) -> None:
        super().__init__(world)
        self.endpoint, self.pointer = endpoint, pointer
        detaching = Detaching(
            endpoint=endpoint, attachments=FakeAttachments(world), record=FakeScalingRecord(world)
        )
        self.guard = Guard(ledger=ledger, pointer=pointer, stack=self, detaching=detaching)
        self.exists = True
        self.status = "CREATE_COMPLETE"
        self.package = ""
        self.config = ""
        self.commit = ""
        self.fails = 0
        self.bakes_seconds = 0
        self.believes = False
        self.count = 0
        self.pending: Update | None = None
        self.refusals: list[str] = []
        self.tokens: set[str] = set()

    @call
    def describe(self) -> StackView | None:
        if not self.exists:
            return None
        self._settle()
        return StackView(
            status=self.status, config_name=self.config, package_arn=self.package, commit=self.commit
        )

    @call
    def update(self, *, token: str) -> None:
        if token not in self.tokens:
            self.deploy()
            self.tokens.add(token)

    def deploy(self, *, template_changes: bool = False) -> None:
        """Update the stack as the controller, or a user with a changed template, does."""
        self._settle()
        if self.status.endswith("_IN_PROGRESS"):
            raise Transient("is in UPDATE_IN_PROGRESS state and can not be updated")
        wanted = self.pointer.value or ""
        if wanted == self.package and not template_changes:
            raise NothingToUpdate("No updates are to be performed.")
        refusal = self._ask_guard(wanted)
        if refusal or self.fails:
            self.refusals += [refusal] if refusal else []
            self.fails = max(0, self.fails - 1)
            self.status = "UPDATE_ROLLBACK_COMPLETE"
            return
        self.count += 1
        name = f"stack-config-{self.count}"
        config = self.endpoint.cloud.configs[self.config]
        model = f"stack-model-{self.count}"
        self.endpoint.cloud.models[model] = {
            "PrimaryContainer": {"ModelPackageName": wanted},
            "ExecutionRoleArn": "role",
        }
        live = {**config["ProductionVariants"][0], "ModelName": model}
        self.endpoint.cloud.configs[name] = {"ProductionVariants": [live]}
        self.pending = Update(package=wanted, config=name)
        self._settle()

    def _ask_guard(self, wanted: str) -> str | None:
        live = self.endpoint.cloud.configs[self.config]["ProductionVariants"][0]
        properties = {"ModelPackage": wanted, "Variants": json.dumps({LIVE: live["InstanceType"]})}
        before, self.status = self.status, "UPDATE_IN_PROGRESS"
        try:
            return self.guard.refusal({"RequestType": "Update", "ResourceProperties": properties})
        except BaseException:
            self.status = before
            raise

    def _settle(self) -> None:
        update = self.pending
        if update is None:
            return
        view = self.endpoint.view()
        if not update.started:
            try:
                self.endpoint.change_config(
                    update.config, retain_counts=True, bakes_seconds=self.bakes_seconds
                )
            except (EndpointBusy, Rejected):
                self._finish("UPDATE_ROLLBACK_COMPLETE")
                return
            update.started = True
        elif view.status == "InService" and (view.config_name == update.config or self.believes):
            self.package, self.config = update.package, update.config
            self._finish("UPDATE_COMPLETE")
        elif view.status == "InService":
            self._finish("UPDATE_ROLLBACK_COMPLETE")

    def _finish(self, status: str) -> None:
        self.status, self.pending = status, None
