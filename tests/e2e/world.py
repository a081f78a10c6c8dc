"""One deployed service on one local cloud, and what the proofs ask of it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import boto3

from tests.e2e.echo_model import pack
from tests.e2e.traffic import Traffic
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.ledger import Run
from tidegate_cli.operator.status import read_pointer
from tidegate_cli.rehearsal.cdk import Ran, Synth
from tidegate_cli.rehearsal.environment import FAKE_ACCESS_KEY, FAKE_SECRET, REGION
from tidegate_cli.rehearsal.registry import Registry
from tidegate_cli.rehearsal.stage import Stage

_POLL_SECONDS: Final = 0.05
_ROLLOUT_SECONDS: Final = 60.0
_NUMBERS: Final = count(1)


@dataclass(slots=True, kw_only=True)
class World:
    """The service, its controller, and its registry.

    Attributes:
        stage: The local cloud with clients and CLI.
        controller: What the controller stack's outputs say.
        registry: Where versions go.
        too_early: The deploy of hosting before any version was approved.
        stack_then: Status of the hosting stack after that deploy, empty when there was none.
        changed: An assembly in which hosting has another container environment; begun, not awaited.

    """

    stage: Stage
    controller: Controller
    registry: Registry
    too_early: Ran
    stack_then: str
    changed: Synth

    @property
    def endpoint(self) -> str:
        """Name of the endpoint."""
        return self.controller.endpoint

    def traffic(self, *, variant: str | None = None, rate: float = 120.0) -> Traffic:
        """Return traffic that flows while inside its context; arguments as for `Traffic`."""
        return Traffic(self.stage.aws, self.endpoint, variant=variant, rate=rate)

    def register(self, *, failing_percent: int = 0, loads: bool = True) -> str:
        """Register a version that behaves so; return its ARN."""
        version = f"m{next(_NUMBERS)}"
        model = pack(self.stage.work, version, failing_percent=failing_percent, loads=loads)
        return self.registry.register(model)

    def roll_out(self, *, failing_percent: int = 0, loads: bool = True) -> str:
        """Register and approve a version that behaves so; return its ARN."""
        package = self.register(failing_percent=failing_percent, loads=loads)
        self.registry.approve(package)
        return package

    def in_first_step(self) -> str:
        """Roll out a good version into its first step, where it stays for want of traffic; return its ARN."""
        package = self.roll_out()
        self.wait_for(package, "SHIFTED", step=0)
        return package

    def run(self, package: str) -> Run | None:
        """Return the newest rollout of a version."""
        return self.stage.ledger(self.controller.ledger).of_package(package)

    def wait_until(self, what: str, ready: Callable[[], object], *, seconds: float = 20.0) -> None:
        """Wait until something is so, and fail with the newest decision when it does not come to be."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.stage.require_cloud()
            assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s; {self._latest()}"
            time.sleep(_POLL_SECONDS)

    def wait_for(self, package: str, kind: str, **fields: Any) -> Run:
        """Wait until a rollout's log has an entry of a kind with these fields; return the rollout."""
        found: list[Run] = []

        def seen() -> bool:
            run = self.run(package)
            matching = (
                [e for e in run.log if e.kind == kind and fields.items() <= e.body.items()] if run else []
            )
            found[:] = [run] if run and matching else []
            return bool(found)

        self.wait_until(f"{kind} {fields}", seen, seconds=_ROLLOUT_SECONDS)
        return found[0]

    def wait_for_end(self, package: str) -> Run:
        """Wait for a rollout's end; return it, with everything checked that must be so after any end."""
        run = self.wait_for(package, "ENDED")
        self.require_rest()
        return run

    def require_rest(self) -> None:
        """Check that the endpoint is as its stack says, and that nothing of a rollout is left."""
        self.wait_until("InService", lambda: self.stage.endpoint().status == "InService")
        view = self.stage.endpoint()
        assert set(view.variants) == {"live"}
        assert view.config_name.casefold() == self.stack_config()
        assert self.pointer() == self.stack_output("ModelPackage")
        assert self.lease() is None
        assert self.scale_in_suspended() is False

    def stack_config(self) -> str:
        """Return the name of the configuration that the hosting stack made, in lower case as in its ARN."""
        return self._resource(self.controller.hosting_stack, "AWS::SageMaker::EndpointConfig").casefold()

    def stack_output(self, key: str) -> str:
        """Return one output of the hosting stack."""
        stack = self._hosting_stack()
        return str(next(each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == key))

    def stack_status(self) -> str:
        """Return the hosting stack's status."""
        return str(self._hosting_stack()["StackStatus"])

    def pointer(self) -> str | None:
        """Return the live pointer."""
        return read_pointer(self.stage.aws, self.controller.pointer)

    def lease(self) -> str | None:
        """Return the id of the rollout that holds the lease."""
        key = {"endpoint": {"S": self.endpoint}, "entry": {"S": "LEASE"}}
        answer = self.stage.aws.dynamodb.get_item(
            TableName=self.controller.ledger, Key=key, ConsistentRead=True
        )
        return answer["Item"]["rollout_id"]["S"] if "Item" in answer else None

    def scale_in_suspended(self) -> bool:
        """Tell whether scale-in of `live` is suspended."""
        scaling = self.client("application-autoscaling")
        target = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"][0]
        return bool(target["SuspendedState"]["DynamicScalingInSuspended"])

    def client(self, name: str) -> Any:
        """Return a boto3 client of any service on the local cloud."""
        session: Any = boto3.Session(
            aws_access_key_id=FAKE_ACCESS_KEY, aws_secret_access_key=FAKE_SECRET, region_name=REGION
        )
        return session.client(name, endpoint_url=self.stage.cloud.endpoint_url)

    def tidegate(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the `tidegate` command as an operator does."""
        command = [sys.executable, "-m", "tidegate_cli", *arguments]
        command += ["--service", "echo", "--environment", "rehearsal"]
        command += ["--endpoint-url", self.stage.cloud.endpoint_url]
        return subprocess.run(
            command,
            env=self.stage.processes.environment,
            cwd=self.stage.work,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def without_rule(self, name: str) -> Iterator[None]:
        """Disable the controller's rule with `name` in its logical id while inside the context."""
        rule = self._resource(self.controller.stack, "AWS::Events::Rule", named=name)
        events = self.client("events")
        events.disable_rule(Name=rule)
        try:
            yield
        finally:
            events.enable_rule(Name=rule)

    def stop_execution(self, run: Run) -> None:
        """Stop the state machine's execution of a rollout, as anybody can in the console."""
        machine = self.controller.rollout_machine.replace(":stateMachine:", ":execution:")
        self.stage.aws.state_machines.stop_execution(
            executionArn=f"{machine}:{run.rollout_id}", cause="stopped by a test"
        )

    def _resource(self, stack: str, resource_type: str, *, named: str = "") -> str:
        """Return the name of the one resource of a type in a stack, with `named` in its logical id."""
        found = self.stage.aws.cloudformation.describe_stack_resources(StackName=stack)
        (resource,) = [
            each["PhysicalResourceId"].rpartition("/")[2]
            for each in found["StackResources"]
            if each["ResourceType"] == resource_type and named in each["LogicalResourceId"]
        ]
        return resource

    def _hosting_stack(self) -> Any:
        stacks = self.stage.aws.cloudformation.describe_stacks(StackName=self.controller.hosting_stack)
        return stacks["Stacks"][0]

    def _latest(self) -> str:
        newest = self.stage.ledger(self.controller.ledger).newest
        entry = newest.log[-1] if newest and newest.log else None
        return f"newest: {newest.status if newest else None}, {entry}; {self.stage.endpoint()}"
