"""A pipeline with everything that happens in it: its structure, its executions, and who is in which stage."""

import threading
from dataclasses import dataclass, field

from localcloud.codepipeline.definition import Definition
from localcloud.codepipeline.execution import Execution, StageRun
from localcloud.errors import AwsError


@dataclass(slots=True, kw_only=True)
class Gate:
    """The entrance of one stage: one execution at a time is in it, others wait in order.

    Attributes:
        occupant: the execution that is in the stage.
        waiting: executions that want in, first come first.
        latest: what ran here last.

    """

    occupant: Execution | None = None
    waiting: list[Execution] = field(default_factory=list)
    latest: StageRun | None = None


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """One pipeline.

    Attributes:
        definition: its current structure.
        created_at: cloud time in epoch seconds.
        updated_at: when its structure changed last.
        executions: in order of their start.
        gates: of each stage, by name.
        tokens: execution started for each client request token.
        tags: by key.
        seen: version of each source object seen last, by action.

    """

    definition: Definition
    created_at: float
    updated_at: float
    executions: list[Execution] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    tokens: dict[str, Execution] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def gate(self, stage_name: str) -> Gate:
        """Return the entrance of a stage."""
        return self.gates.setdefault(stage_name, Gate())

    def leave_queues(self, execution: Execution) -> None:
        """Let an execution wait for no stage any more."""
        for gate in self.gates.values():
            if execution in gate.waiting:
                gate.waiting.remove(execution)

    def execution(self, execution_id: str) -> Execution:
        """Return one execution.

        Raises:
            AwsError: PipelineExecutionNotFoundException.

        """
        for execution in self.executions:
            if execution.id == execution_id:
                return execution
        raise AwsError(
            "PipelineExecutionNotFoundException",
            f"There is no execution {execution_id} of the pipeline {self.definition.name}",
        )

    def require_stage(self, stage_name: str) -> int:
        """Return the place of a stage.

        Raises:
            AwsError: StageNotFoundException.

        """
        index = self.definition.index_of(stage_name)
        if index is None:
            raise AwsError(
                "StageNotFoundException", f"The pipeline {self.definition.name} has no stage {stage_name}"
            )
        return index


class Pipelines:
    """All pipelines by name; every method but `all` must be called with `lock` held.

    Args:
        lock: guards all of them.

    """

    def __init__(self, lock: "threading.RLock") -> None:
        self.lock = lock
        self._known: dict[str, Pipeline] = {}

    def get(self, name: str) -> Pipeline:
        """Return a pipeline.

        Raises:
            AwsError: PipelineNotFoundException.

        """
        if name not in self._known:
            raise AwsError("PipelineNotFoundException", f"Account '000000000000' has no pipeline '{name}'")
        return self._known[name]

    def add(self, pipeline: Pipeline) -> None:
        """Keep a new pipeline.

        Raises:
            AwsError: PipelineNameInUseException.

        """
        name = pipeline.definition.name
        if name in self._known:
            raise AwsError("PipelineNameInUseException", f"A pipeline with the name '{name}' already exists")
        self._known[name] = pipeline

    def remove(self, name: str) -> Pipeline | None:
        """Forget a pipeline and return it, None when there is none of this name."""
        return self._known.pop(name, None)

    def holds(self, pipeline: Pipeline) -> bool:
        """Return whether this very pipeline is kept."""
        return self._known.get(pipeline.definition.name) is pipeline

    def all(self) -> list[Pipeline]:
        """Return every pipeline."""
        return list(self._known.values())

    def sorted(self) -> list[tuple[str, Pipeline]]:
        """Return names and pipelines, by name."""
        return sorted(self._known.items())
