"""The story of a rehearsal: its steps, in order."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tidegate_cli.operator.controller import find_plan, stack_outputs
from tidegate_cli.operator.ledger import Run
from tidegate_cli.rehearsal.account import Account, cloud_sums, make_account, settle
from tidegate_cli.rehearsal.load import Load, start_load
from tidegate_cli.rehearsal.models import DataSet, TrainedModel, load_data, train_all
from tidegate_cli.rehearsal.records import Record
from tidegate_cli.rehearsal.redeploys import Probe, Redeploys, break_half_way, change_instances, prepare
from tidegate_cli.rehearsal.registry import Registry
from tidegate_cli.rehearsal.request import load_rows, save_rows
from tidegate_cli.rehearsal.result import Check, ModelFacts, Rehearsal, attribute
from tidegate_cli.rehearsal.rollouts import Follower
from tidegate_cli.rehearsal.stage import Stage
from tidegate_cli.rehearsal.verdicts import about_account, about_rollouts

STEPS: Final = 7
RATE_AT_LEAST: Final = 100.0
_METRICS_SECONDS: Final = 30.0


@dataclass(slots=True, kw_only=True)
class Story:
    """Plays the steps on a stage and collects what they show.

    Attributes:
        stage: Where it plays.
        rate: Requests a second.
        runs: The rollouts by version.
        checks: What had to be true so far.
        probes: Requests that the rehearsal itself sent.

    """

    stage: Stage
    rate: float
    runs: dict[str, Run] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    probes: list[Record] = field(default_factory=list)

    def play(self, *, began: float, command: str, versions: dict[str, str]) -> Rehearsal:
        """Play all steps; return what was found out.

        Args:
            began: When the rehearsal began, real epoch seconds.
            command: The command line, for the report.
            versions: Versions of the programs, for the report.

        Raises:
            CliError: a step could not be played to its end.

        """
        data, models = self._deploy_and_train()
        follower = self._follower()
        registry, packages = self._register(models)
        self._first_version(follower, registry, packages["v1"])
        load = self._start_traffic(data)
        redeploys = prepare(self.stage)
        for version, expected in (("v2", "it should be promoted"), ("v3", "the judge should stop it")):
            self.stage.progress.step(f"approve {version}: {expected}")
            registry.approve(packages[version])
            self._follow(follower, version, packages[version])
        self._redeploy(redeploys, models[1])
        rate, account = self._reconcile(load)
        self.checks += about_rollouts(self.runs, packages, pointer=follower.pointer())
        self.checks += about_account(account, rate=rate, at_least=min(RATE_AT_LEAST, self.rate))
        self.stage.progress.finish()
        cloud = self.stage.cloud
        return Rehearsal(
            endpoint=self.stage.service.endpoint,
            models=tuple(_facts(model) for model in models),
            rollouts=attribute(self.runs, load.records, cloud_time=cloud.cloud_time),
            deploys=tuple(self.stage.deploys),
            spans=self.stage.progress.spans,
            account=account,
            achieved_rate=rate,
            checks=tuple(self.checks),
            epoch0=cloud.epoch0,
            scale=cloud.scale,
            began=began,
            ended=time.time(),
            command=command,
            versions=versions,
            plan=follower.plan,
        )

    def _deploy_and_train(self) -> tuple[DataSet, tuple[TrainedModel, ...]]:
        stage = self.stage
        stage.progress.step("bootstrap, deploy foundation and controller, train three models")
        with ThreadPoolExecutor(max_workers=1) as background:
            training = background.submit(_train, stage.work)
            assembly = stage.cdk.synth(stage.service.folder, name="first")
            stage.deploys.append(stage.cdk.bootstrap(assembly))
            stacks = [stage.service.stack("foundation"), stage.service.stack("controller")]
            stage.deploys.append(stage.cdk.deploy(assembly, *stacks))
            data, models = training.result()
        for model in models:
            stage.progress.note(
                f"{model.version}: {model.what}, {100 * model.accuracy:.1f} % right on held-out rows, "
                f"raises on {100 * model.failing_share:.1f} %"
            )
        return data, models

    def _follower(self) -> Follower:
        controller = self.stage.controller()
        plan = find_plan(self.stage.aws, controller.stack)
        return Follower(stage=self.stage, controller=controller, plan=plan)

    def _register(self, models: tuple[TrainedModel, ...]) -> tuple[Registry, dict[str, str]]:
        outputs = stack_outputs(self.stage.aws, self.stage.service.stack("foundation"))
        registry = Registry(
            aws=self.stage.aws, bucket=outputs["ArtifactBucket"], group=outputs["ModelPackageGroup"]
        )
        return registry, {model.version: registry.register(model) for model in models}

    def _first_version(self, follower: Follower, registry: Registry, package: str) -> None:
        stage = self.stage
        stage.progress.step("approve v1, deploy hosting")
        registry.approve(package)
        self._follow(follower, "v1", package)
        assembly = stage.work / "assembly-first"
        stage.deploys.append(stage.cdk.deploy(assembly, stage.service.stack("hosting")))
        stage.wait_for(
            "the endpoint is in service",
            lambda: stage.endpoint().status == "InService",
            seconds=30,
            found=lambda: stage.endpoint().status,
        )

    def _start_traffic(self, data: DataSet) -> Load:
        stage = self.stage
        stage.progress.step(f"start live traffic, {self.rate:.0f} requests a second")
        save_rows(stage.work / "rows.jsonl", *data.held_out)
        return start_load(
            stage.processes,
            work=stage.work,
            endpoint_url=stage.cloud.endpoint_url,
            endpoint=stage.service.endpoint,
            rows=stage.work / "rows.jsonl",
            rate=self.rate,
        )

    def _follow(self, follower: Follower, version: str, package: str) -> None:
        run = follower.follow(version, package)
        self.runs[version] = run
        self.stage.progress.note(f"{version}: {run.status}: {run.body.get('reason', '')}")

    def _redeploy(self, redeploys: Redeploys, live: TrainedModel) -> None:
        self.stage.progress.step("deploy hosting twice more: another instance count, then a broken change")
        probe = Probe(stage=self.stage, rows=load_rows(self.stage.work / "rows.jsonl"), model=live)
        self.checks.append(change_instances(self.stage, redeploys))
        self._probe(probe, "after the count change")
        self.checks += break_half_way(self.stage, redeploys)
        self._probe(probe, "after the failed deploy")

    def _probe(self, probe: Probe, when: str) -> None:
        check, records = probe(when)
        self.checks.append(check)
        self.probes += records
        self.stage.progress.note(f"{when}: {check.found}")

    def _reconcile(self, load: Load) -> tuple[float, Account]:
        self.stage.progress.step("stop the traffic, account for each request")
        sent, rate = load.stop()
        records = [*load.records, *self.probes]

        def read() -> Account:
            sums = cloud_sums(
                self.stage.aws.cloudwatch,
                endpoint=self.stage.service.endpoint,
                begin=self.stage.cloud.epoch0,
                end=self.stage.cloud.now(),
            )
            return make_account(sent + len(self.probes), records, sums)

        return rate, settle(read, timeout_seconds=_METRICS_SECONDS)


def _train(work: Path) -> tuple[DataSet, tuple[TrainedModel, ...]]:
    data = load_data()
    return data, train_all(data, work)


def _facts(model: TrainedModel) -> ModelFacts:
    return ModelFacts(
        version=model.version, what=model.what, accuracy=model.accuracy, failing_share=model.failing_share
    )
