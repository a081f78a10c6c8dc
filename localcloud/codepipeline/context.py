"""What an action gets to do its work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localcloud.artifact import Artifact
from localcloud.codepipeline.execution import ActionRun, Execution, new_id
from localcloud.codepipeline.outcome import ActionFailed, Succeeded
from localcloud.codepipeline.pipeline import Pipeline

_KEY_PART = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One action at work.

    Attributes:
        pipeline: whose action it is.
        execution: in which execution.
        stage: name of the stage.
        run: what the API shows of it; the action may set summary, external id, token and percent.
        configuration: with every variable resolved.
        role_arn: the role to work with.

    """

    pipeline: Pipeline
    execution: Execution
    stage: str
    run: ActionRun
    configuration: Mapping[str, str]
    role_arn: str

    @property
    def session(self) -> str:
        """Name of the session in which it works."""
        return self.execution.definition.name[:64]

    def input(self, name: str) -> Artifact:
        """Return an input artifact.

        Raises:
            ActionFailed: the action has no such input.

        """
        for artifact in self.run.inputs:
            if artifact.name == name:
                return artifact
        raise ActionFailed(
            "InvalidActionConfiguration", f"The action has no input artifact {name}: {self.run.action.name}"
        )

    def new_artifact(self, name: str, revision: str = "") -> Artifact:
        """Return where an output artifact is to lie, under a new key."""
        definition = self.execution.definition
        key = f"{definition.name[:_KEY_PART]}/{name[:_KEY_PART]}/{new_id()[:8]}"
        return Artifact(name=name, bucket=definition.bucket, key=key, revision=revision)


Runner = Callable[[Context], Succeeded]
"""Carries out an action on a thread of its own; raises ActionFailed."""
