"""An endpoint without instances."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from stacks.declared import Declared
from stacks.fields.alarms import ServerlessAlarmsPart
from stacks.fields.model import ModelPart, SurroundingsPart
from stacks.fields.refused import no_rollout, refused_fields
from stacks.fields.scaling import WarmScalingPart
from stacks.fields.values import Count
from stacks.part import Part
from stacks.service_file import Service
from tidegate.compatibility import Feature, Mode

if TYPE_CHECKING:
    from tidegate import Serverless

_SIZES = (1024, 2048, 3072, 4096, 5120, 6144)


class ServerlessPart(Part):
    """Memory and concurrency; warm workers and their scaling."""

    REFUSED = refused_fields(Mode.SERVERLESS, "variants", "ab_test", "shadow", "guardrails", "data_capture")

    memory_mb: Annotated[int, Field(json_schema_extra={"enum": list(_SIZES)})]
    max_concurrency: Annotated[int, Field(ge=1, le=200)]
    provisioned_concurrency: Count | None = None
    scaling: WarmScalingPart | None = None

    @field_validator("memory_mb")
    @classmethod
    def _in_steps(cls, value: int) -> int:
        if value not in _SIZES:
            raise PydanticCustomError("memory", f"must be one of {', '.join(map(str, _SIZES))}")
        return value

    @field_validator("provisioned_concurrency")
    @classmethod
    def _within(cls, value: int | None, info: ValidationInfo) -> int | None:
        most = info.data.get("max_concurrency")
        if value is not None and most is not None and value > most:
            raise PydanticCustomError("warm", f"must be at most max_concurrency ({most})")
        return value

    @field_validator("scaling")
    @classmethod
    def _warm(cls, value: WarmScalingPart | None, info: ValidationInfo) -> WarmScalingPart | None:
        warm, most = info.data.get("provisioned_concurrency"), info.data.get("max_concurrency")
        if value is None or most is None or "provisioned_concurrency" not in info.data:
            return value
        if warm is None:
            message = "needs provisioned_concurrency: the other workers scale by themselves"
            raise PydanticCustomError("warm", message)
        if not value.min <= warm <= value.max <= most:
            raise PydanticCustomError(
                "warm",
                f"min to max must include provisioned_concurrency ({warm}), up to max_concurrency ({most})",
            )
        return value

    def size(self) -> "Serverless":
        """Return the size for the library."""
        from tidegate import Serverless

        return Serverless(
            memory_mb=self.memory_mb,
            max_concurrency=self.max_concurrency,
            provisioned_concurrency=self.provisioned_concurrency,
        )


class ServerlessService(Service):
    """A service whose capacity comes with the requests."""

    SECTION: ClassVar[str] = "serverless"
    REFUSED = no_rollout(Mode.SERVERLESS)

    model: ModelPart
    serverless: ServerlessPart
    alarms: ServerlessAlarmsPart | None = None

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""
        return [self.model]

    def declared(self) -> Declared:
        """Return a serverless endpoint."""
        features = {feature: ("model", field) for feature, field in self.model.features()}
        if self.serverless.provisioned_concurrency is not None:
            features[Feature.PROVISIONED_CONCURRENCY] = ("serverless", "provisioned_concurrency")
        return Declared(
            mode=Mode.SERVERLESS,
            section=self.SECTION,
            features=features,
            concurrency=self.serverless.max_concurrency,
        )
