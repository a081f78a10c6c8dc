"""One deployed service on one local cloud, and what the proofs ask of it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, Unpack

import boto3

from tests.e2e.echo_model import Behaviour, pack
from tests.e2e.rest import TRACKED, Rest
from tests.e2e.scaling import Scaling, scaling_of, suspended_of
from tests.e2e.traffic import Traffic
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.ledger import Run
from tidegate_cli.operator.status import read_pointer
from tidegate_cli.rehearsal.cdk import Ran, Synth
from tidegate_cli.rehearsal.environment import FAKE_ACCESS_KEY, FAKE_SECRET, REGION
from tidegate_cli.rehearsal.registry import Registry
from tidegate_cli.rehearsal.stage import Stage

_POLL_SECONDS: Final = 0.05
# Bounds for a machine that has much else to do; what is ready is not waited for.
_WAIT_SECONDS: Final = 90.0
_ROLLOUT_SECONDS: Final = 480.0
_ASKED: Final = 5
_NUMBERS: Final = count(1)


@dataclass(slots=True, kw_only=True)
class World:
    """The service, its controller, and its registry.

    Attributes:
        stage: The local cloud with clients and CLI.
        controller: What the controller stack's outputs say.
        registry: Where versions go.
        synths: Assemblies of the service with changes, by name; begun, not awaited.
        tracked: What scales `live`, as the service file declares it.

    """

    stage: Stage
    controller: Controller
    registry: Registry
    synths: Mapping[str, Synth]
    tracked: Mapping[str, Any] = field(default_factory=lambda: TRACKED)

    @property
    def endpoint(self) -> str:
        """Name of the endpoint."""
        return self.controller.endpoint

    def deploy(self, change: str, *, kind: str = "hosting") -> Ran:
        """Deploy the hosting (or controller) stack of a changed assembly; a failure is an answer."""
        return self.stage.cdk.try_deploy(self.synths[change].wait(), self.stage.service.stack(kind))

    def traffic(self, *, variant: str | None = None, rate: float = 120.0, failing: bool = False) -> Traffic:
        """Return traffic that flows while inside its context; arguments as for `Traffic`."""
        return Traffic(self.stage.aws, self.endpoint, variant=variant, rate=rate, failing=failing)

    def register(self, **behaviour: Unpack[Behaviour]) -> str:
        """Register a version that behaves so, as `pack` has it; return its ARN."""
        return self.registry.register(pack(self.stage.work, f"m{next(_NUMBERS)}", **behaviour))

    def roll_out(self, **behaviour: Unpack[Behaviour]) -> str:
        """Register and approve a version that behaves so, as `pack` has it; return its ARN."""
        package = self.register(**behaviour)
        self.registry.approve(package)
        return package

    def reject(self, package: str) -> None:
        """Reject a version in the registry."""
        self.stage.aws.sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Rejected")

    def in_first_step(self) -> str:
        """Roll out a good version into its first step, where it stays for want of traffic; return its ARN."""
        package = self.roll_out()
        self.wait_for(package, "SHIFTED", step=0)
        return package

    def run(self, package: str) -> Run | None:
        """Return the newest rollout of a version."""
        return self.stage.ledger(self.controller.ledger).of_package(package)

    def wait_until(self, what: str, ready: Callable[[], object], *, seconds: float = _WAIT_SECONDS) -> None:
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

    def require_rest(self) -> Rest:
        """Check that nothing is under way or left over, and that the promoted version answers; tell the rest.

        The pointer, the stack and what callers are answered name one version; `live` is alone on the stack's
        configuration, scaled as declared; nobody holds the lease.
        """
        self.wait_until("InService", lambda: self.stage.endpoint().status == "InService")
        self.wait_until("live is scaled", lambda: self.scaling() == {"live": self.tracked})
        view, package = self.stage.endpoint(), self.pointer()
        assert set(view.variants) == {"live"}
        assert view.config_name.casefold() == self.stack_config()
        assert package == self.stack_output("ModelPackage") == self.stack_parameter("LiveModelPackage")
        assert self.lease() is None
        assert self.scale_in_suspended() is False
        answers = [self.answered() for _ in range(_ASKED)]
        assert {answer["model_version"] for answer in answers} == {self._version(package)}
        return Rest(
            version=answers[0]["model_version"],
            colour=answers[0]["colour"],
            package=package,
            instances=view.variants["live"].instances,
            scaling=self.scaling(),
        )

    def answered(self) -> dict[str, str]:
        """Ask the endpoint as a user does; return what it says."""
        asked: dict[str, Any] = {"EndpointName": self.endpoint, "ContentType": "application/json"}
        answer = self.stage.aws.runtime.invoke_endpoint(**asked, Body=b"{}")
        document: dict[str, str] = json.loads(answer["Body"].read())
        return document

    def set_instances(self, instances: int) -> None:
        """Change the count of `live` by hand, or as its scaler does, and wait for it."""
        self.ask_for_instances(instances)
        self.wait_until(
            f"{instances} instances", lambda: self.stage.endpoint().variants["live"].instances == instances
        )
        self.wait_until("InService", lambda: self.stage.endpoint().status == "InService")

    def ask_for_instances(self, instances: int) -> None:
        """Begin to change the count of `live`: the endpoint is `Updating` for the next minutes."""
        self.stage.aws.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=self.endpoint,
            DesiredWeightsAndCapacities=[{"VariantName": "live", "DesiredInstanceCount": instances}],
        )

    def stack_config(self) -> str:
        """Return the name of the configuration that the hosting stack made, in lower case as in its ARN."""
        return self.resource(self.controller.hosting_stack, "AWS::SageMaker::EndpointConfig").casefold()

    def stack_output(self, key: str) -> str:
        """Return one output of the hosting stack."""
        stack = self._hosting_stack()
        return str(next(each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == key))

    def stack_parameter(self, key: str) -> str:
        """Return one parameter of the hosting stack: the value that CloudFormation last resolved it to."""
        stack = self._hosting_stack()
        return str(next(p["ParameterValue"] for p in stack["Parameters"] if p["ParameterKey"] == key))

    def stack_status(self) -> str:
        """Return the hosting stack's status."""
        return str(self._hosting_stack()["StackStatus"])

    def pointer(self) -> str:
        """Return the live pointer, which is there once a first version was approved."""
        return str(read_pointer(self.stage.aws, self.controller.pointer))

    def lease(self) -> str | None:
        """Return the id of the rollout that holds the lease."""
        key = {"endpoint": {"S": self.endpoint}, "entry": {"S": "LEASE"}}
        answer = self.stage.aws.dynamodb.get_item(
            TableName=self.controller.ledger, Key=key, ConsistentRead=True
        )
        return answer["Item"]["rollout_id"]["S"] if "Item" in answer else None

    def scale_in_suspended(self) -> bool:
        """Tell whether scale-in of `live` is suspended."""
        return suspended_of(self.client("application-autoscaling"), self.endpoint)["live"]

    def scaling(self) -> Scaling:
        """Return what scales the endpoint."""
        return scaling_of(self.stage.aws, self.client("application-autoscaling"), self.endpoint)

    def client(self, name: str) -> Any:
        """Return a boto3 client of any service on the local cloud."""
        session: Any = boto3.Session(
            aws_access_key_id=FAKE_ACCESS_KEY, aws_secret_access_key=FAKE_SECRET, region_name=REGION
        )
        return session.client(name, endpoint_url=self.stage.cloud.endpoint_url)

    def tidegate(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the `tidegate` command as an operator does."""
        command = [sys.executable, "-m", "tidegate_cli", *arguments]
        command += ["--service", self.stage.service.service, "--environment", "rehearsal"]
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

    def resource(self, stack: str, resource_type: str, *, named: str = "") -> str:
        """Return the name of the one resource of a type in a stack, with `named` in its logical id."""
        found = self.stage.aws.cloudformation.describe_stack_resources(StackName=stack)
        (resource,) = [
            each["PhysicalResourceId"].rpartition("/")[2]
            for each in found["StackResources"]
            if each["ResourceType"] == resource_type and named in each["LogicalResourceId"]
        ]
        return resource

    def _version(self, package: str) -> str:
        found = self.stage.aws.sagemaker.describe_model_package(ModelPackageName=package)
        return found["CustomerMetadataProperties"]["version"]

    def _hosting_stack(self) -> Any:
        stacks = self.stage.aws.cloudformation.describe_stacks(StackName=self.controller.hosting_stack)
        return stacks["Stacks"][0]

    def _latest(self) -> str:
        newest = self.stage.ledger(self.controller.ledger).newest
        entry = newest.log[-1] if newest and newest.log else None
        return f"newest: {newest.status if newest else None}, {entry}; {self.stage.endpoint()}"
