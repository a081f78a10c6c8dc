"""The stage of a rehearsal of a pipeline: the local cloud, clients, and the pipelines' names."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3

from tidegate_cli.failures import CliError
from tidegate_cli.operator.controller import stack_outputs
from tidegate_cli.rehearsal.cdk import Cdk
from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.cloud import LocalCloud
from tidegate_cli.rehearsal.environment import FAKE_ACCESS_KEY, FAKE_SECRET, REGION
from tidegate_cli.rehearsal.logs import last_lines
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.progress import Progress
from tidegate_cli.rehearsal.registry import Registry
from tidegate_cli.rehearsal_pipeline.commits import BUCKET, KEY, Commit
from tidegate_cli.rehearsal_pipeline.executions import Executions, ExecutionTold, Waiting
from tidegate_cli.rehearsal_pipeline.result import Decision

CODE: Final = "rehearsed"
MODELS: Final = "rehearsed-digits-models"
STACK: Final = "rehearsed-pipeline"
_POLL_SECONDS: Final = 0.5
_SYNTH_SECONDS: Final = 120.0
_LOG_LINES: Final = 12


@dataclass(slots=True, kw_only=True)
class PipelineStage:
    """Everything that the parts of the story act on.

    Attributes:
        work: The rehearsal's folder.
        processes: Starts and ends children.
        cloud: The local cloud.
        cdk: The CDK CLI.
        aws: Clients of the local cloud.
        progress: The display.
        decisions: Approvals that were answered.
        approves: Whether an approval that waits is given; each one is, unless said otherwise.
        executions: Reads the pipelines.

    """

    work: Path
    processes: Processes
    cloud: LocalCloud
    cdk: Cdk
    aws: LocalAws
    progress: Progress
    decisions: list[Decision] = field(default_factory=list)
    approves: Callable[[Waiting], bool] = field(default=lambda _: True)
    executions: Executions = field(init=False)
    _logs: Any = field(init=False)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        make: Any = boto3.session.Session().client
        options = {
            "region_name": REGION,
            "endpoint_url": self.cloud.endpoint_url,
            "aws_access_key_id": FAKE_ACCESS_KEY,
            "aws_secret_access_key": FAKE_SECRET,
        }
        self.executions = Executions(make("codepipeline", **options))
        self._logs = make("logs", **options)

    def open_repository(self) -> None:
        """Make the bucket that stands for the repository: versioned, and it tells EventBridge of uploads."""
        self.aws.s3.create_bucket(Bucket=BUCKET)
        self.aws.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.aws.s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )

    def push(self, commit: Commit) -> str:
        """Upload a commit; return its version."""
        stored = self.aws.s3.put_object(
            Bucket=BUCKET,
            Key=KEY,
            Body=commit.archive(),
            Metadata={"codepipeline-artifact-revision-summary": commit.message},
        )
        return stored["VersionId"]

    def synth(self, copy: Path) -> Path:
        """Synthesize a working copy as its author does before the first deploy; return the assembly.

        Raises:
            CliError: it does not synthesize.

        """
        assembly, log = self.work / "assembly-pipeline", self.work / "cdk-synth-pipeline.log"
        command = [*self.cdk.checkout.cdk, "synth", "--quiet", "--app", f"{sys.executable} {copy / 'app.py'}"]
        command += ["--output", str(assembly), "--no-notices", "--no-version-reporting"]
        if self.processes.run(command, log=log, timeout_seconds=_SYNTH_SECONDS):
            raise CliError(f"the repository does not synthesize: {last_lines(log)}")
        return assembly

    def registry(self, environment: str) -> Registry:
        """Return the model registry of an environment."""
        outputs = stack_outputs(self.aws, f"digits-{environment}-foundation")
        return Registry(aws=self.aws, bucket=outputs["ArtifactBucket"], group=outputs["ModelPackageGroup"])

    def watch(
        self,
        pipeline: str,
        done: Callable[[list[ExecutionTold]], bool],
        *,
        what: str,
        seconds: float,
        meanwhile: Callable[[list[ExecutionTold]], None] | None = None,
    ) -> list[ExecutionTold]:
        """Follow a pipeline, answering what it asks, until something is so; return its executions.

        Args:
            pipeline: Its name.
            done: Whether it is so, from all executions.
            what: What is waited for, for a failure's message.
            seconds: Real seconds to wait at most.
            meanwhile: Called with all executions at each look.

        Raises:
            CliError: it did not come to be, with what the pipeline did instead.

        """
        reader, deadline = self.executions, time.monotonic() + seconds
        while True:
            found = reader.every(pipeline)
            self._tell(found)
            if done(found):
                return found
            for waiting in reader.waiting(pipeline):
                self._answer(reader, waiting)
            if meanwhile is not None:
                meanwhile(found)
            if self.cloud.process.poll() is not None:
                raise CliError(f"the local cloud ended: {last_lines(self.work / 'localcloud.log')}")
            if time.monotonic() > deadline:
                doing = reader.doing(pipeline) or "nothing"
                raise CliError(f"{what}: not within {seconds:.0f} s; the pipeline does {doing}")
            time.sleep(_POLL_SECONDS)

    def explained(self, execution: ExecutionTold) -> str:
        """Return why an execution failed: its stage, action and reason, and the end of a build's log."""
        failed = execution.failed
        if failed is None:
            return f"the execution is {execution.status}. {execution.why}".strip()
        log = "\n".join(self.build_log(failed.external_id)[-_LOG_LINES:])
        return f"{failed.stage}: {failed.name} failed: {failed.told}" + (f"\n{log}" if log else "")

    def build_log(self, build_id: str) -> list[str]:
        """Return the lines of a build's log; none for what is no build."""
        project, _, stream = build_id.partition(":")
        if not stream or project.startswith("arn"):
            return []
        events = self._logs.get_log_events(
            logGroupName=f"/aws/codebuild/{project}", logStreamName=stream, startFromHead=True
        )["events"]
        return [event["message"] for event in events]

    def _answer(self, reader: Executions, waiting: Waiting) -> None:
        approved = self.approves(waiting)
        said = "approved" if approved else "rejected"
        reader.answer(waiting, approved=approved, reason=f"{said} by the rehearsal")
        where = f"{waiting.pipeline}, {waiting.stage}"
        self.decisions.append(Decision(where=where, text=waiting.text))
        self.progress.note(f"{said}: {where}: {waiting.text.splitlines()[0] if waiting.text else ''}")

    def _tell(self, executions: list[ExecutionTold]) -> None:
        """Say each thing once: an execution's start and end, and the end of each stage's work."""
        for execution in executions:
            for line in _lines(execution):
                key = (execution.id, line)
                if key not in self._told:
                    self._told.add(key)
                    self.progress.note(line)


def _lines(execution: ExecutionTold) -> Iterator[str]:
    name = f"{execution.pipeline} {execution.id[:8]}"
    yield f"{name}: started by {execution.trigger}"
    stages = list(dict.fromkeys(action.stage for action in execution.actions))
    for stage in stages[:-1] if execution.at_work else stages:
        actions = [action for action in execution.actions if action.stage == stage]
        bad = next((action for action in actions if action.status == "Failed"), None)
        if bad is not None:
            yield f"{name}: {stage}: {bad.name} failed: {bad.told.splitlines()[0] if bad.told else ''}"
        elif all(action.status == "Succeeded" for action in actions):
            yield f"{name}: {stage}: done"
    if not execution.at_work:
        yield f"{name}: {execution.status}"
