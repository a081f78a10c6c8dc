"""Several environments of one service, each with its real controller in memory, and a pipeline's actions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from deliver.approve import approve
from deliver.first import First
from deliver.follow import Follow
from deliver.logic import Delivery, Job
from deliver.register import register
from deliver.request import At, Request
from deliver.train import train
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.registries import REGION, FakeArtifacts, FakeVersions, arn_of
from tests.lambdas.fakes.reports import FakeReports, Told, event
from tests.lambdas.fakes.world import Crash, Port, World, call, package
from tidegate_runtime.approval import approved_at
from tidegate_runtime.delivery_ports import Decision, TrainingRun
from tidegate_runtime.errors import Fault
from tidegate_runtime.ports import Run
from tidegate_runtime.validation.ports import Hosted
from tidegate_runtime.versions import APPROVED, PENDING, Version

LOOK_SECONDS: Final = 30
MOST_LOOKS: Final = 2_000


class Environment(Port):
    """One service in one environment: its controller knows versions by number, the registry by ARN."""

    name = "environment"

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world)
        self.service = Service(world=world)
        self.service.stack.exists = False
        self.at = At(
            environment=name,
            role=f"arn:aws:iam::111111111111:role/digits-{name}-delivery",
            region=REGION,
            name=f"digits-{name}",
            pointer=f"/tidegate/{name}/digits/live-model-package",
        )
        self.deployed_foundation = self.is_hosted = True

    def host(self) -> None:
        """Deploy the hosting stack, which reads the pointer."""
        number = int(str(self.service.pointer.value).rpartition("/")[2])
        self.service.deployed(version=number)
        self.service.stack.exists = True

    # --- the ports of the jobs ------------------------------------------------------------------------------
    @call
    def read(self) -> str | None:
        return self._outer(self.service.pointer.value)

    @call
    def of(self, name: str) -> Any:
        return self._runs(f"v{name}-") if name.isdigit() else self._outputs(name)

    @call
    def every(self) -> Sequence[Run]:
        return self._runs("v")

    @call
    def judged(self, rollout_id: str) -> Sequence[Mapping[str, Any]]:
        entries = self.service.ledger.entries
        return [body for run, kind, body in entries if run == rollout_id and kind == "JUDGED"]

    @call
    def describe(self, name: str) -> Hosted | None:
        assert name == self.at.name
        return Hosted(status=self.service.endpoint.view().status) if self.is_hosted else None

    def live(self) -> str | None:
        """Return the ARN of the live version."""
        return self._outer(self.service.pointer.value)

    def _outputs(self, stack: str) -> Mapping[str, str]:
        if stack == self.at.foundation and self.deployed_foundation:
            return {"ArtifactBucket": f"{self.at.name}-artifacts", "LedgerTable": "ledger"}
        if stack == self.at.hosting and self.service.stack.exists:
            return {"ModelPackage": self._outer(self.service.stack.package) or ""}
        return {}

    def _runs(self, prefix: str) -> Sequence[Run]:
        found = [run for name, run in self.service.ledger.runs.items() if name.startswith(prefix)]
        return sorted(found, key=approved_at)

    def _outer(self, inner: str | None) -> str | None:
        return arn_of(self.at.name, int(inner.rpartition("/")[2])) if inner else None


class FakeTraining(Port):
    """SageMaker Pipelines that end when they are told to."""

    name = "training"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.started: dict[str, tuple[str, Mapping[str, str]]] = {}
        self.runs: dict[str, TrainingRun] = {}
        self.register: Callable[[], TrainingRun] = lambda: TrainingRun(status="Succeeded")

    @call
    def start(self, pipeline: str, *, parameters: Mapping[str, str], token: str) -> str:
        assert 32 <= len(token) <= 128
        arn = f"arn:aws:sagemaker:{REGION}:111111111111:pipeline/{pipeline}/execution/{len(self.runs) + 1}"
        known = next((name for name, (of, _) in self.started.items() if of == token), None)
        if known is None:
            self.started[arn] = (token, parameters)
            self.runs[arn] = TrainingRun(status="Executing")
        return known if known is not None else arn

    @call
    def describe(self, execution_arn: str) -> TrainingRun:
        return self.runs[execution_arn]

    def end(self) -> None:
        """Let what runs end."""
        for arn, run in self.runs.items():
            if run.status == "Executing":
                self.runs[arn] = self.register()


class FakeApprovals(Port):
    """Who has approved in the pipeline."""

    name = "codepipeline_approvals"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.decision: Decision | None = None

    @call
    def newest(self, pipeline: str, execution: str, *, stage: str) -> Decision | None:
        return self.decision


@dataclass
class DeliveryWorld:
    """Environments in the order of their promotion, and what a pipeline does in them."""

    def __init__(self, *names: str) -> None:
        self.world = World()
        self.versions, self.artifacts = FakeVersions(self.world), FakeArtifacts(self.world)
        self.training, self.approvals = FakeTraining(self.world), FakeApprovals(self.world)
        self.environments = {name: Environment(self.world, name) for name in names}
        self.reports = FakeReports(self.world)
        self.delivery = Delivery(job_of=self.job_of, reports=self.reports, clock=self.world)
        self.heard: list[Version] = []
        self.dying, self.died = 0, False
        self.calls = 0

    def crash_in(self, number: int) -> None:
        """Let a job die after its call of that number from now on, over all of its looks."""
        self.dying, self.died = number, False

    def add(self, environment: str, *, approval: str = APPROVED, **fields: Any) -> Version:
        """Register a version with its artifact, as a person does."""
        version = self.versions.add(f"digits-{environment}", approval=approval, **fields)
        bucket = f"{version.group}-artifacts"
        self.artifacts.put(bucket, f"models/{version.number}/model.tar.gz", f"content-of-{version.number}")
        return version

    def born(self, environment: str) -> str:
        """Let an environment have a first version that is hosted, and return its ARN."""
        version = self.add(environment)
        self.settle()
        self.environments[environment].host()
        return version.arn

    def job_of(self, request: Request) -> Job:
        """Return a job over the fakes."""
        there = self.environments[request.place.environment]
        registering = partial(register, versions=self.versions, artifacts=self.artifacts, outputs=there)
        training = partial(train, training=self.training, versions=self.versions)
        approving = partial(
            approve, versions=self.versions, rollouts=there, pointer=there, approvals=self.approvals
        )
        if request.do == "first":
            by = registering if request.parameters.get("package") else None
            return First(
                obtain=training if request.parameters.get("training") else by,
                approve=approving,
                versions=self.versions,
                pointer=there,
                rollouts=there,
                clock=self.world,
            )
        if request.do == "follow":
            return Follow(
                versions=self.versions,
                rollouts=there,
                pointer=there,
                outputs=there,
                endpoints=there,
                clock=self.world,
            )
        return {"register": registering, "train": training, "approve": approving}[request.do]

    def settle(self, seconds: float = 40_000) -> None:
        """Deliver every event, and let time pass until no rollout runs any more, or the seconds are over."""
        deadline = self.world.time + seconds
        self.deliver_events()
        for one in self.environments.values():
            one.service.run(seconds=max(0.0, deadline - self.world.time))

    def deliver_events(self) -> None:
        """Tell the controllers of what has changed in their groups, as EventBridge does."""
        while self.versions.events:
            version = self.versions.events.pop(0)
            self.heard.append(version)
            there = next(one for one in self.environments.values() if one.at.name == version.group)
            number = int(version.number)
            there.service.registry.change(number, version.approval)
            inner = there.service.registry
            inner.packages[package(number)] = replace(
                inner.package_now(package(number)), approval=version.approval
            )
            if version.approval != PENDING:
                time = datetime.fromtimestamp(self.world.time, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                there.service.change_approval(number, version.approval, time=time)

    def run(self, do: str, environment: str, **parameters: Any) -> Told:
        """Run an action to its end, as CodePipeline does; return its last report."""
        told = self.begin(do, environment, **parameters)
        for _ in range(MOST_LOOKS):
            if told.kind != "goes_on":
                return told
            self.pass_time()
            told = self.look(do, environment, told, **parameters)
        raise AssertionError(f"{do} in {environment} never ends: {told.summary}")

    def begin(self, do: str, environment: str, **parameters: Any) -> Told:
        """Call a job for the first time."""
        return self.look(do, environment, Told(kind="goes_on"), **parameters)

    def look(self, do: str, environment: str, before: Told, **parameters: Any) -> Told:
        """Call a job again; Lambda calls once more what has died, or has not reported."""
        self.calls += 1
        job_id = f"job-{self.calls}"
        asked = {"do": do, "at": self._at(environment), "execution": "e1", **parameters}
        faults = self.world.faults
        for _ in range(3):
            # Only the calls of the job die: those of the controllers count in the same world.
            faults.crash_at = faults.calls + self.dying if self.dying > 0 else 0
            before_calls = faults.calls
            try:
                self.delivery(event(job_id, asked, token=before.token))
            except (Crash, Fault):
                self.dying, self.died = 0, True
                continue
            finally:
                faults.crash_at = 0
            self.dying = max(0, self.dying - (faults.calls - before_calls))
            return self.reports.told[job_id]
        raise AssertionError(f"{do} in {environment} never reports")

    def pass_time(self) -> None:
        """Let half a minute pass everywhere."""
        self.training.end()
        self.deliver_events()
        self.world.time += LOOK_SECONDS
        for one in self.environments.values():
            one.service.run(seconds=0)

    def _at(self, environment: str) -> dict[str, str]:
        at = self.environments[environment].at
        return {name: getattr(at, name) for name in ("environment", "role", "region", "name", "pointer")}
