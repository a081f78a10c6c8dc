"""One run through a pipeline: its stages, its actions, what they made."""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from localcloud.artifact import Artifact
from localcloud.codepipeline.definition import Action, Definition, Stage
from localcloud.codepipeline.outcome import Revision

IN_PROGRESS: Final = "InProgress"
SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"
STOPPED: Final = "Stopped"
STOPPING: Final = "Stopping"
CANCELLED: Final = "Cancelled"
SUPERSEDED: Final = "Superseded"
ABANDONED: Final = "Abandoned"
ROLLBACK: Final = "ROLLBACK"
STANDARD: Final = "STANDARD"


def new_id() -> str:
    """Return a new id of an execution, an action's execution or a job."""
    return str(uuid.uuid4())


@dataclass(slots=True, kw_only=True)
class ActionRun:
    """One execution of an action.

    Attributes:
        action: what runs.
        started_at: cloud time in epoch seconds.
        changed_at: when its status changed last.
        id: its id.
        status: InProgress, Succeeded, Failed or Abandoned.
        configuration: with its variables resolved; None before they are.
        variables: its output variables.
        summary: one line for people.
        external_id: id of what it started.
        error_code: why it failed.
        error_message: why it failed, for people.
        token: what answers a manual approval, while it waits.
        updated_by: who decided an approval.
        percent: how far a job says it is.
        inputs: artifacts it got.
        outputs: artifacts it stored.
        revision: for a source action, what it took.
        cancelled: set when nobody waits for it any more.

    """

    action: Action
    started_at: float
    changed_at: float
    id: str = field(default_factory=new_id)
    status: str = IN_PROGRESS
    configuration: Mapping[str, str] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    external_id: str = ""
    error_code: str = ""
    error_message: str = ""
    token: str = ""
    updated_by: str = ""
    percent: int | None = None
    inputs: tuple[Artifact, ...] = ()
    outputs: tuple[Artifact, ...] = ()
    revision: Revision | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True, kw_only=True)
class StageRun:
    """One execution of a stage, and its retries.

    Attributes:
        stage: what runs.
        execution_id: whose.
        kind: STANDARD or ROLLBACK.
        status: InProgress, Succeeded, Failed, Stopped or Cancelled.
        order: the run order under way.
        runs: every execution of its actions, retries included, in order of their start.

    """

    stage: Stage
    execution_id: str
    kind: str
    status: str = IN_PROGRESS
    order: int = 0
    runs: list[ActionRun] = field(default_factory=list)

    def latest(self, action_name: str) -> ActionRun | None:
        """Return the latest execution of one action."""
        return next((run for run in reversed(self.runs) if run.action.name == action_name), None)

    def under_way(self) -> list[ActionRun]:
        """Return the actions that have not ended."""
        return [run for run in self.runs if run.status == IN_PROGRESS]


@dataclass(slots=True, kw_only=True)
class Execution:
    """One run through a pipeline.

    Attributes:
        definition: the structure it started with.
        started_at: cloud time in epoch seconds.
        changed_at: when its status changed last.
        trigger_type: for example StartPipelineExecution.
        trigger_detail: who or what.
        variables: pipeline variables.
        revisions: source revisions asked for, by action.
        id: its id.
        status: InProgress and so on.
        status_summary: why it ended as it did.
        stop_reason: why somebody stopped it.
        target_id: for a rollback, the execution it goes back to.
        first: place of its first stage.
        position: place of the stage it is in, or waits for.
        last: place of its last stage.
        stages: what became of each stage, by name.
        artifacts: by name.
        namespaces: output variables by namespace.
        attempt: 1, and one more for each retry.

    """

    definition: Definition
    started_at: float
    changed_at: float
    trigger_type: str
    trigger_detail: str
    variables: Mapping[str, str]
    revisions: Mapping[str, str]
    last: int
    id: str = field(default_factory=new_id)
    status: str = IN_PROGRESS
    status_summary: str = ""
    stop_reason: str = ""
    target_id: str = ""
    first: int = 0
    position: int = 0
    stages: dict[str, StageRun] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    namespaces: dict[str, Mapping[str, str]] = field(default_factory=dict)
    attempt: int = 1

    @property
    def kind(self) -> str:
        """STANDARD or ROLLBACK."""
        return ROLLBACK if self.target_id else STANDARD

    def known_variables(self) -> dict[str, Mapping[str, str]]:
        """Return all variables that an action may refer to, by namespace."""
        own = {"codepipeline": {"PipelineExecutionId": self.id}, "variables": self.variables}
        return {**self.namespaces, **own}

    def source_revisions(self) -> list[tuple[str, Revision]]:
        """Return what each source action took."""
        runs = [run for stage in self.stages.values() for run in stage.runs]
        return [(run.action.name, run.revision) for run in runs if run.revision is not None]
