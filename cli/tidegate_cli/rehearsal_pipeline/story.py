"""The story of a rehearsal of a pipeline: its parts, in order."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.models import TrainedModel, load_data
from tidegate_cli.rehearsal.request import ask, load_rows, save_rows
from tidegate_cli.rehearsal.result import Check
from tidegate_cli.rehearsal_pipeline import verdicts
from tidegate_cli.rehearsal_pipeline.commits import ENVIRONMENTS, Commits
from tidegate_cli.rehearsal_pipeline.executions import SUCCEEDED, ExecutionTold
from tidegate_cli.rehearsal_pipeline.models import train
from tidegate_cli.rehearsal_pipeline.result import Part, PipelineRehearsal
from tidegate_cli.rehearsal_pipeline.stage import CODE, MODELS, STACK, PipelineStage
from tidegate_cli.rehearsal_pipeline.traffic import Traffic

STEPS: Final = 6
FIRST_ACTION: Final = "digits-dev-hosting.digits-dev-first"
_CODE_SECONDS: Final = 420.0
_MODEL_SECONDS: Final = 900.0
_ENDPOINTS: Final = tuple(f"digits-{environment}" for environment in ENVIRONMENTS)


@dataclass(slots=True, kw_only=True)
class PipelineStory:
    """Plays the parts on a stage and collects what they show.

    Attributes:
        stage: Where it plays.
        checkout: Where the repository's composition root comes from.
        parts: What was shown so far.
        traffic: The clients of the endpoints.

    """

    stage: PipelineStage
    checkout: Checkout
    parts: list[Part] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)

    def play(self, *, began: float, command: str, versions: Mapping[str, str]) -> PipelineRehearsal:
        """Play all parts; return what was found out.

        Args:
            began: When the rehearsal began, real epoch seconds.
            command: The command line, for the report.
            versions: Versions of the programs, for the report.

        Raises:
            CliError: a part could not be played to its end; the message begins with which.

        """
        models, commits = self._prepare()
        self._part("a commit changes the pipeline", lambda: self._mutate(commits, models["v1"]))
        self._start_traffic()
        self._part("a model approval goes through", lambda: self._promote(models["v2"]))
        self._part("a bad commit is stopped by its tests", lambda: self._break(commits))
        self._part("a bad model is stopped by its gate", lambda: self._worsen(models["v3"]))
        sent, failed = self._stop_traffic()
        self.stage.progress.finish()
        reader, cloud = self.stage.executions, self.stage.cloud
        return PipelineRehearsal(
            parts=tuple(self.parts),
            executions=(*reader.every(CODE), *reader.every(MODELS)),
            decisions=tuple(self.stage.decisions),
            spans=self.stage.progress.spans,
            requests=sent,
            failed_requests=failed,
            scale=cloud.scale,
            epoch0=cloud.epoch0,
            began=began,
            ended=time.time(),
            command=command,
            versions=versions,
        )

    @property
    def _rows(self) -> Path:
        return self.stage.work / "rows.jsonl"

    def _prepare(self) -> tuple[dict[str, TrainedModel], Commits]:
        stage = self.stage
        stage.progress.step("train three models, deploy the pipeline once with cdk deploy")
        data = load_data()
        save_rows(self._rows, *data.held_out)
        commits = Commits.make(self.checkout, data)
        with ThreadPoolExecutor(max_workers=1) as background:
            training = background.submit(train, data, stage.work / "models")
            assembly = stage.synth(commits.first.write(stage.work / "repository"))
            stage.open_repository()
            stage.cdk.bootstrap(assembly)
            stage.cdk.deploy(assembly, STACK)
            models = training.result()
        for model in models.values():
            stage.progress.note(f"{model.version}: {model.what}, {100 * model.accuracy:.1f} % right")
        return models, commits

    def _part(self, title: str, play: Callable[[], list[Check]]) -> None:
        began = time.time()
        self.stage.progress.step(title)
        try:
            checks = play()
        except CliError as error:
            raise CliError(f"{title}: {error}") from error
        self.parts.append(Part(title=title, seconds=time.time() - began, checks=tuple(checks)))
        for check in checks:
            self.stage.progress.note(f"{'ok' if check.ok else 'WRONG'}: {check.what}: {check.found}")

    def _mutate(self, commits: Commits, first: TrainedModel) -> list[Check]:
        """Push a commit that adds a stage: the pipeline updates itself, starts again and deploys."""
        stage = self.stage
        before = {each.id for each in stage.executions.every(CODE)}
        version, _ = stage.executions.structure(CODE)
        revision = stage.push(commits.stages)
        approved: list[str] = []

        def meanwhile(found: list[ExecutionTold]) -> None:
            waits = any(
                (action := each.action(FIRST_ACTION)) is not None and action.status == "InProgress"
                for each in found
            )
            if waits and not approved:
                approved.append(self._approve("v1", first))

        found = stage.watch(
            CODE,
            lambda every: _ended(every, before),
            what="the pipeline has deployed every environment",
            seconds=_CODE_SECONDS,
            meanwhile=meanwhile,
        )
        new = [each for each in found if each.id not in before]
        if new[-1].status != SUCCEEDED:
            raise CliError(stage.explained(new[-1]))
        now = stage.executions.structure(CODE)
        answers = self._answers()
        return [
            *verdicts.about_mutation(new, revision=revision, before=version, structure=now),
            *verdicts.about_first_version(answers, stage.executions.every(MODELS)),
        ]

    def _promote(self, better: TrainedModel) -> list[Check]:
        """Approve v2 in dev: it is rolled out there, then in staging, then, once asked, in production."""
        decided = len(self.stage.decisions)
        execution = self._deliver("v2", better)
        if execution.status != SUCCEEDED:
            raise CliError(self.stage.explained(execution))
        asked = [each.text for each in self.stage.decisions[decided:]]
        return verdicts.about_promotion(execution, self._answers(), asked=asked)

    def _break(self, commits: Commits) -> list[Check]:
        """Push a commit whose own tests fail: nothing of it is synthesized, let alone deployed."""
        before = {each.id for each in self.stage.executions.every(CODE)}
        self.stage.push(commits.bad)
        found = self.stage.watch(
            CODE,
            lambda every: _ended(every, before),
            what="the pipeline is done with the bad commit",
            seconds=_CODE_SECONDS,
        )
        execution = next(each for each in found if each.id not in before)
        failed = execution.failed
        log = self.stage.build_log(failed.external_id) if failed is not None else []
        return verdicts.about_bad_commit(execution, log)

    def _worsen(self, worse: TrainedModel) -> list[Check]:
        """Approve a version in dev that never fails and is often wrong: its answers are compared."""
        execution = self._deliver("v3", worse)
        return verdicts.about_bad_model(execution, self._answers())

    def _deliver(self, version: str, model: TrainedModel) -> ExecutionTold:
        """Approve a version in dev; return the execution that its approval starts, once it is over."""
        before = {each.id for each in self.stage.executions.every(MODELS)}
        self._approve(version, model)
        found = self.stage.watch(
            MODELS,
            lambda every: _ended(every, before),
            what=f"the delivery of {version} is over",
            seconds=_MODEL_SECONDS,
        )
        return next(each for each in found if each.id not in before)

    def _approve(self, version: str, model: TrainedModel) -> str:
        registry = self.stage.registry(ENVIRONMENTS[0])
        package = registry.register(model)
        registry.approve(package)
        self.stage.progress.note(f"{version} is approved in dev")
        return package

    def _answers(self) -> dict[str, str]:
        """Return the version that answers at each endpoint, or what went wrong."""
        rows = load_rows(self._rows)
        found = {}
        for endpoint in _ENDPOINTS:
            record = ask(self.stage.aws.runtime, endpoint, rows[0])
            found[endpoint] = record.version or record.outcome
        return found

    def _start_traffic(self) -> None:
        self.traffic.start(
            self.stage.processes,
            _ENDPOINTS,
            work=self.stage.work,
            url=self.stage.cloud.endpoint_url,
            rows=self._rows,
        )

    def _stop_traffic(self) -> tuple[dict[str, int], int]:
        began = time.time()
        self.stage.progress.step("stop the traffic")
        sent, failed = self.traffic.stop()
        check = Check(
            what="every request was answered",
            ok=failed == 0,
            found=f"{sum(sent.values()):,} requests to three endpoints, {failed} without an answer",
        )
        self.parts.append(Part(title="callers", seconds=time.time() - began, checks=(check,)))
        return sent, failed


def _ended(executions: list[ExecutionTold], before: set[str]) -> bool:
    """Whether an execution has begun, and everything has ended."""
    return any(each.id not in before for each in executions) and not any(each.at_work for each in executions)
