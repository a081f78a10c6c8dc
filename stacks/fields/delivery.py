"""The section `delivery` of environments.yaml: one pipeline for every service and environment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from stacks.fields.delivery_source import SourcePart
from stacks.fields.values import EnvironmentName, Name, SecretArn, Text, TopicArn
from stacks.findings import NOTHING, Finding, refuse
from stacks.part import Part
from stacks.unknown import each, itself, rule
from tidegate._job import LONGEST_JOB_HOURS

# An hour less than a job may take: it has to look once more, and to say what it has found.
_LONGEST_BAKE_MINUTES: Final = (LONGEST_JOB_HOURS - 1) * 60
_MODES: Final = "https://docs.aws.amazon.com/codepipeline/latest/userguide/execution-modes.html"
_NO_ENVIRONMENT: Final = "delivery is the section about the pipeline; no environment can be called so"

Wave = Annotated[tuple[EnvironmentName, ...], Field(strict=False, min_length=1)]


class SynthPart(Part):
    """The commands that check a commit and synthesize it; the first that fails stops the pipeline."""

    commands: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    output: Text = "cdk.out"
    python: Text = "3.12"
    nodejs: Text = "22"


class PullRequestsPart(Part):
    """The build of every pull request; the first command that fails fails it."""

    commands: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    token_secret: SecretArn | None = None


class StagePart(Part):
    """One step of the promotion: environments, wave by wave."""

    name: Name
    waves: Annotated[tuple[Wave, ...], Field(strict=False, min_length=1)]
    approval: bool = False
    bake_minutes: Annotated[int, Field(ge=1, le=_LONGEST_BAKE_MINUTES)] | None = None
    models_from: Name | None = None
    on_failure: Literal["stop", "roll_back"] = "stop"

    @property
    def environments(self) -> tuple[str, ...]:
        """All environments, in the order of their deployment."""
        return tuple(name for wave in self.waves for name in wave)


class DeliveryPart(Part):
    """The pipeline."""

    REFUSED: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("account", "region", "deploy_with"), _NO_ENVIRONMENT
    )

    name: Name
    at: EnvironmentName
    execution_mode: Literal["queued", "superseded", "parallel"] = "queued"
    source: SourcePart
    synth: SynthPart
    pull_requests: PullRequestsPart | None = None
    notify: TopicArn | None = None
    stages: Annotated[tuple[StagePart, ...], Field(strict=False, min_length=1)]

    @property
    def environments(self) -> tuple[str, ...]:
        """Every environment that the pipeline deploys, in the order of their deployment."""
        return tuple(name for stage in self.stages for name in stage.environments)

    def stage_of(self, environment: str) -> StagePart:
        """Return the stage that deploys an environment.

        Raises:
            LookupError: none does.

        """
        for stage in self.stages:
            if environment in stage.environments:
                return stage
        raise LookupError(f"no stage deploys {environment!r}")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        return refuse(self, self._stage_faults(), self._rollbacks(), self._unheard())

    def _stage_faults(self) -> Iterator[Finding]:
        yield from _named_twice(self.stages)
        yield from _deployed_twice(self.stages)
        yield from _bakes(self.stages)
        yield from models_faults(self.stages)

    def _unheard(self) -> Iterator[Finding]:
        if self.says("pull_requests") and self.source.kind != "connection":
            message = "needs a source with a connection: CodeBuild hears of pull requests by it"
            yield Finding(at=("pull_requests",), message=message, got=NOTHING)

    def _rollbacks(self) -> Iterator[Finding]:
        if self.execution_mode != "parallel":
            return
        for index, on_failure in each(self.stages, lambda stage: stage.on_failure):
            if on_failure == "roll_back":
                message = f"roll_back does not go with execution_mode parallel ({_MODES})"
                yield Finding(at=("stages", index, "on_failure"), message=message, got=NOTHING)


def named(stages: Sequence[StagePart]) -> Iterator[tuple[tuple[int, int, int], str]]:
    """Yield every environment that a stage names, with the numbers of stage, wave and place in it."""
    for number, waves in each(stages, lambda stage: stage.waves):
        for wave, names in each(waves, itself):
            for index, name in each(names, itself):
                yield (number, wave, index), name


@rule
def _named_twice(stages: Sequence[StagePart]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in each(stages, lambda stage: stage.name):
        if name in seen:
            message = "must be the name of one stage"
            yield Finding(at=("stages", index, "name"), message=message, got=f"{name} again")
        seen.add(name)


@rule
def _deployed_twice(stages: Sequence[StagePart]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for (number, wave, index), name in named(stages):
        if name in seen:
            at = ("stages", number, "waves", wave, index)
            where = f"{name!r} is in stage {stages[seen[name]].name!r} already"
            message = f"{where}: an environment is in one wave"
            yield Finding(at=at, message=message, got=NOTHING)
        seen.setdefault(name, number)


@rule
def _bakes(stages: Sequence[StagePart]) -> Iterator[Finding]:
    for index, waves in each(stages, lambda stage: len(stage.waves)):
        if stages[index].says("bake_minutes") and waves == 1:
            message = "bakes between two waves, and this stage has one"
            yield Finding(at=("stages", index, "bake_minutes"), message=message, got=NOTHING)


def models_faults(stages: Sequence[StagePart]) -> Iterator[Finding]:
    """Yield what is wrong with where models come from: no stage, a later one, or in a circle."""
    for index, wanted in each(stages, lambda stage: stage.models_from):
        if wanted is not None:
            yield from _origin_fault(stages, index, wanted)


@rule
def _origin_fault(stages: Sequence[StagePart], index: int, wanted: str) -> Iterator[Finding]:
    at, order = ("stages", index, "models_from"), _order(stages)
    if wanted not in order:
        allowed = ", ".join(stage.name for stage in stages)
        if len(order) == len(stages):
            yield Finding(at=at, message=f"must be a stage: {allowed}")
    elif order.get(stages[index].name) != index:
        return  # That its name is another stage's is told.
    elif circle := _circle(stages, order, stages[index].name):
        yield Finding(at=at, message=f"models would go in a circle: {' from '.join(circle)}", got=NOTHING)
    elif order[wanted] > index:
        message = f"must be an earlier stage than {stages[index].name}: its models are released before"
        yield Finding(at=at, message=message)


def _order(stages: Sequence[StagePart]) -> Mapping[str, int]:
    """Return the number of each stage by its name; of the first if several are called so."""
    order: dict[str, int] = {}
    for number, name in each(stages, lambda stage: stage.name):
        order.setdefault(name, number)
    return order


def _circle(stages: Sequence[StagePart], order: Mapping[str, int], start: str) -> list[str]:
    """Return the stages from `start` back to it, if that is where its models come from in the end."""
    path, at = [start], stages[order[start]].models_from
    while at is not None and at in order and at not in path:
        path.append(at)
        at = stages[order[at]].models_from
    return [*path, start] if at == start else []
