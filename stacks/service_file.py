"""What every service file says, whatever kind of inference it asks for."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from pydantic import Field

from stacks.declared import Declared
from stacks.fields.model import SurroundingsPart
from stacks.fields.values import EnvironmentName, InstanceType, ServiceName
from stacks.needs import NeedsPart, contradictions
from stacks.part import Part
from stacks.unknown import rule
from stacks.yaml_source import Place

if TYPE_CHECKING:
    from stacks.fields.service_delivery import ValidationPart

SECTIONS: Final = ("endpoint", "serverless", "async", "components", "batch")
"""The hosting sections; a file has exactly one."""


class Service(Part):
    """One service: where it is deployed, who watches it, what it is needed for.

    A subclass adds the hosting section, which decides the kind of inference.
    """

    SECTION: ClassVar[str]
    """The hosting section."""

    service: ServiceName
    description: str = ""
    environments: Annotated[tuple[EnvironmentName, ...], Field(strict=False, min_length=1)]
    dashboard: bool = False
    needs: NeedsPart | None = None

    @classmethod
    def why_not(cls, name: str) -> str | None:
        """Return why there is no field `name`, also why there is no second hosting section."""
        if name in SECTIONS:
            return f"a file has one hosting section, and this one is {cls.SECTION}"
        if name == "delivery":
            return "goes with a rollout only: without one no model version is promoted, deploys replace it"
        return super().why_not(name)

    @abstractmethod
    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""

    @abstractmethod
    def declared(self) -> Declared:
        """Return the service as the compatibility table sees it."""

    def beside(self) -> Sequence[str]:
        """Return the files of samples that the service file names."""
        return ()

    def gates(self) -> "Sequence[ValidationPart]":
        """Return the validation gates, which name labelled sets beside the service file."""
        return ()

    @rule
    def contradictions(self) -> Iterator[tuple[Place, str]]:
        """Yield what only the whole service shows to be wrong: the field, and why."""
        declared = self.declared()
        refused = list(declared.refusals())
        yield from refused
        # A need that the table refuses is said once.
        if self.needs is not None and not refused:
            for place, message in contradictions(self.needs, declared):
                yield ("needs", *place), message


class Environment(Part):
    """Where an environment lies, and as whom it is deployed."""

    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    deploy_with: Literal["cli-credentials", "bootstrap-roles"]
    offers: Annotated[tuple[InstanceType, ...], Field(strict=False)] = ()
