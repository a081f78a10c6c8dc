"""Approvals and rejections of `hybrid` while its versions are on their way from staging to production."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.e2e.delivery.delivered import MODELS, Package
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.ledger import Ledger, Run
from tidegate_cli.operator.status import read_pointer
from tidegate_cli.rehearsal_pipeline.executions import ExecutionTold, Waiting
from tidegate_cli.rehearsal_pipeline.stage import PipelineStage
from tidegate_cli.rehearsal_pipeline.traffic import Traffic
from tidegate_runtime.lineage import SOURCE_PACKAGE
from tidegate_runtime.versions import OF_ONE_APPROVAL

STAGING: Final = "hybrid-staging"
PROD: Final = "hybrid-prod"
_SECONDS: Final = 600.0
_SOON_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the approval of one version in staging has led to.

    Attributes:
        package: The version in staging, as the registry describes it in the end.
        copy: What production has of it, None when it came to nothing before.
        execution: The execution of the model pipeline that the approval has started.
        staging: Its rollout in staging.
        prod: That of the copy, None when there was none.
        live: The version that each endpoint serves when the execution has ended, by the endpoint's name.

    """

    package: Package
    copy: Package | None
    execution: ExecutionTold
    staging: Run
    prod: Run | None
    live: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Decided:
    """Everything that was decided, in order.

    Attributes:
        stage: Where it happens.
        like: The version that all others are made like.
        decisions: By the name of the version.
        queued: The second approval's rollout, while it waited for the first one's.
        asked: What the person was asked, and said no to once.
        sent: Requests of callers, by endpoint.
        failed: Requests without an answer.

    """

    stage: PipelineStage
    like: Package
    decisions: dict[str, Decision] = field(default_factory=dict)
    queued: Run | None = None
    asked: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    failed: int = 0

    def play(self) -> None:
        """Approve, approve during a rollout, say no, reject during a rollout, approve once more.

        Rollouts stay in their first step as long as nobody calls: what happens then happens during one.
        """
        known = len(self._executions())
        first = self._approved("first")
        self._wait("its first step", lambda: _shifted(self._run(STAGING, first)))
        second = self._approved("second")
        self._wait("the second one waits", lambda: self._waits(second))
        with self._traffic("early", STAGING, PROD):
            self._ended(known + 2)
            self._note("first", first, known)
            self._note("second", second, known + 1)
            self.stage.approves = self._says_no
            unwanted = self._approved("unwanted")
            self._ended(known + 3)
            self._note("unwanted", unwanted, known + 2)
        with self._traffic("late", STAGING):
            recalled = self._approved("recalled")
            self._ended(known + 4, meanwhile=lambda: self._reject_in_production(recalled))
            self._note("recalled", recalled, known + 3)
            with self._traffic("last", PROD):
                last = self._approved("last")
                self._ended(known + 5)
                self._note("last", last, known + 4)

    def _approved(self, name: str) -> str:
        """Register a version in staging and approve it, as a data scientist does; return its ARN."""
        sagemaker, metadata = self.stage.aws.sagemaker, self.like["CustomerMetadataProperties"]
        package = sagemaker.create_model_package(
            ModelPackageGroupName=STAGING,
            ModelPackageDescription=name,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=self.like["InferenceSpecification"],
            CustomerMetadataProperties={
                key: value for key, value in metadata.items() if key not in OF_ONE_APPROVAL
            },
        )["ModelPackageArn"]
        sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
        return package

    def _says_no(self, waiting: Waiting) -> bool:
        """Say no the first time, and yes from then on."""
        self.asked.append(waiting.text)
        return len(self.asked) > 1

    def _reject_in_production(self, package: str) -> None:
        """Reject a version in staging as soon as callers of production meet its copy."""
        copy = self._copy(package)
        if copy is None or copy["ModelApprovalStatus"] != "Approved":
            return
        if _shifted(self._run(PROD, copy["ModelPackageArn"])):
            self.stage.aws.sagemaker.update_model_package(
                ModelPackageArn=package, ModelApprovalStatus="Rejected"
            )
            self._wait("its copy is rejected", lambda: self._status_of_copy(package) == "Rejected")

    def _status_of_copy(self, package: str) -> str:
        copy = self._copy(package)
        return copy["ModelApprovalStatus"] if copy is not None else ""

    def _executions(self) -> list[ExecutionTold]:
        return self.stage.executions.every(MODELS)

    def _ended(self, count: int, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until so many executions have ended, answering what they ask."""
        self.stage.watch(
            MODELS,
            lambda every: len(every) == count and not any(each.at_work for each in every),
            what=f"{count} executions have ended",
            seconds=_SECONDS,
            meanwhile=lambda _: meanwhile(),
        )

    def _note(self, name: str, package: str, number: int) -> None:
        copy, staging = self._copy(package), self._run(STAGING, package)
        assert staging is not None, package
        self.decisions[name] = Decision(
            package=self._described(package),
            copy=copy,
            execution=self._executions()[number],
            staging=staging,
            prod=self._run(PROD, copy["ModelPackageArn"]) if copy else None,
            live={endpoint: served(self.stage, endpoint) for endpoint in (STAGING, PROD)},
        )

    def _waits(self, package: str) -> bool:
        self.queued = self._run(STAGING, package)
        return self.queued is not None and self.queued.status == "QUEUED"

    def _run(self, endpoint: str, package: str) -> Run | None:
        controller = Controller.of_endpoint(self.stage.aws, endpoint)
        assert controller is not None, endpoint
        ledger = Ledger.read(self.stage.aws.dynamodb, table=controller.ledger, endpoint=endpoint)
        return ledger.of_package(package)

    def _described(self, package: str) -> Package:
        return dict(self.stage.aws.sagemaker.describe_model_package(ModelPackageName=package))

    def _copy(self, package: str) -> Package | None:
        """Return what production has of a version of staging."""
        listed = self.stage.aws.sagemaker.list_model_packages(
            ModelPackageGroupName=PROD, SortBy="CreationTime", SortOrder="Descending"
        )["ModelPackageSummaryList"]
        for each in listed:
            found = self._described(each["ModelPackageArn"])
            if found["CustomerMetadataProperties"].get(SOURCE_PACKAGE) == package:
                return found
        return None

    @contextmanager
    def _traffic(self, name: str, *endpoints: str) -> Iterator[None]:
        folder, traffic = self.stage.work / f"callers-{name}", Traffic()
        folder.mkdir()
        url, rows = self.stage.cloud.endpoint_url, self.stage.work / "rows.jsonl"
        traffic.start(self.stage.processes, endpoints, work=folder, url=url, rows=rows)
        yield
        sent, failed = traffic.stop()
        self.failed += failed
        for endpoint, count in sent.items():
            self.sent[endpoint] = self.sent.get(endpoint, 0) + count

    def _wait(self, what: str, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SOON_SECONDS
        while not so():
            assert time.monotonic() < deadline, f"not within {_SOON_SECONDS:.0f} s: {what}"
            time.sleep(0.2)


def served(stage: PipelineStage, endpoint: str) -> str:
    """Return the version that an endpoint serves alone, which is what its pointer says."""
    sagemaker = stage.aws.sagemaker
    described = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert described["EndpointStatus"] == "InService", described
    config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    [variant] = config["ProductionVariants"]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    container = model.get("PrimaryContainer") or model["Containers"][0]
    service, _, environment = endpoint.rpartition("-")
    pointer = read_pointer(stage.aws, f"/tidegate/{environment}/{service}/live-model-package")
    assert container["ModelPackageName"] == pointer
    return str(pointer)


def _shifted(run: Run | None) -> bool:
    return run is not None and run.first("SHIFTED") is not None
