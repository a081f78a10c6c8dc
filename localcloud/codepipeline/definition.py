"""A pipeline's structure as values.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

QUEUED: Final = "QUEUED"
SUPERSEDED: Final = "SUPERSEDED"
PARALLEL: Final = "PARALLEL"
Declaration = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of a stage.

    Attributes:
        name: unique in its stage.
        kind: category and provider, for example ("Deploy", "CloudFormation").
        type_id: owner, category, provider and version as the API has them.
        run_order: actions of one order run side by side, after those of lower orders.
        configuration: as declared, with unresolved variables.
        inputs: names of input artifacts.
        outputs: names of output artifacts.
        role_arn: the role it works with, empty for the pipeline's.
        namespace: namespace of its output variables, empty for none.
        timeout_minutes: its own timeout in cloud minutes, None for the default of its kind.

    """

    name: str
    kind: tuple[str, str]
    type_id: Mapping[str, str]
    run_order: int
    configuration: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    role_arn: str
    namespace: str
    timeout_minutes: int | None

    @classmethod
    def parse(cls, declaration: Declaration) -> Self:
        """Return the action that the API declares."""
        type_id = declaration["actionTypeId"]
        return cls(
            name=declaration["name"],
            kind=(type_id["category"], type_id["provider"]),
            type_id=dict(type_id),
            run_order=declaration.get("runOrder", 1),
            configuration=dict(declaration.get("configuration", {})),
            inputs=tuple(each["name"] for each in declaration.get("inputArtifacts", ())),
            outputs=tuple(each["name"] for each in declaration.get("outputArtifacts", ())),
            role_arn=declaration.get("roleArn", ""),
            namespace=declaration.get("namespace", ""),
            timeout_minutes=declaration.get("timeoutInMinutes"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage.

    Attributes:
        name: unique in the pipeline.
        actions: in declared order.
        rolls_back: whether a failure rolls it back to its last success.

    """

    name: str
    actions: tuple[Action, ...]
    rolls_back: bool

    @classmethod
    def parse(cls, declaration: Declaration) -> Self:
        """Return the stage that the API declares."""
        return cls(
            name=declaration["name"],
            actions=tuple(Action.parse(each) for each in declaration["actions"]),
            rolls_back=declaration.get("onFailure", {}).get("result") == "ROLLBACK",
        )

    def orders(self) -> list[int]:
        """Return the run orders in which its actions run."""
        return sorted({action.run_order for action in self.actions})


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a pipeline's structure.

    Attributes:
        declaration: as the API returns it, with its version.
        name: the pipeline's name.
        version: 1 at first, one more after each update.
        role_arn: the pipeline's role.
        mode: QUEUED, SUPERSEDED or PARALLEL.
        bucket: where artifacts lie.
        stages: in order.
        variables: default value of each pipeline variable, None where there is none.

    """

    declaration: Declaration
    name: str
    version: int
    role_arn: str
    mode: str
    bucket: str
    stages: tuple[Stage, ...]
    variables: Mapping[str, str | None]

    @classmethod
    def parse(cls, declaration: Declaration, version: int) -> Self:
        """Return the structure that the API declares; `checked` has accepted it."""
        store = declaration.get("artifactStore") or next(iter(declaration["artifactStores"].values()))
        return cls(
            declaration={**declaration, "version": version},
            name=declaration["name"],
            version=version,
            role_arn=declaration["roleArn"],
            mode=declaration.get("executionMode", SUPERSEDED),
            bucket=store["location"],
            stages=tuple(Stage.parse(each) for each in declaration["stages"]),
            variables={each["name"]: each.get("defaultValue") for each in declaration.get("variables", ())},
        )

    def index_of(self, stage_name: str) -> int | None:
        """Return a stage's place, None when there is no such stage."""
        names = [stage.name for stage in self.stages]
        return names.index(stage_name) if stage_name in names else None
