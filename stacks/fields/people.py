"""The section `people` of environments.yaml: who may do what in an environment, as IAM policies."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator

from stacks.fields.values import EnvironmentName, Like, Name
from stacks.findings import NOTHING, Finding, refuse
from stacks.part import Part
from stacks.unknown import each, itself

_NO_ENVIRONMENT: Final = "people is the section about permissions; no environment can be called so"
_LONGEST_SET: Final = 32
_LONGEST_KIND: Final = len("-approver")

_INSTANCE: Final = Like(
    pattern=r"arn:aws[a-z-]*:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}",
    example="arn:aws:sso:::instance/ssoins-0123456789abcdef",
)
InstanceArn = Annotated[str, _INSTANCE]


class IdentityCenterPart(Part):
    """The Identity Center in which the permission sets are made."""

    instance: InstanceArn
    at: EnvironmentName


class PeoplePart(Part):
    """Policies for approvers, deployers, operators and readers, and a fence for all of them."""

    REFUSED: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("account", "region", "deploy_with"), _NO_ENVIRONMENT
    )

    name: Name
    environments: Annotated[tuple[EnvironmentName, ...], Field(strict=False, min_length=1)]
    identity_center: IdentityCenterPart | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        return refuse(self, self._twice(), self._too_long())

    def _twice(self) -> Iterator[Finding]:
        for index, name in each(self.environments, itself):
            if name in self.environments[:index]:
                yield Finding(at=("environments", index), message="must be listed once", got=f"{name} again")

    def _too_long(self) -> Iterator[Finding]:
        if self.identity_center is None:
            return
        for index, name in each(self.environments, itself):
            length = len(f"{self.name}-{name}") + _LONGEST_KIND
            if length > _LONGEST_SET:
                made = f"{self.name}-{name}-approver"
                message = f"permission sets have at most {_LONGEST_SET} characters, {made} has {length}"
                yield Finding(at=("environments", index), message=message, got=NOTHING)
