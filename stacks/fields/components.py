"""A fleet that several inference components share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks.declared import Declared
from stacks.fields.alarms import InstanceAlarmsPart
from stacks.fields.fleet import InstancesPart
from stacks.fields.model import ModelPart, SurroundingsPart
from stacks.fields.refused import no_rollout, refused_fields
from stacks.fields.scaling import CopyScalingPart
from stacks.fields.values import AlarmArn, Count, KeyArn, Name, Seconds
from stacks.part import Part
from stacks.service_file import Service
from tidegate.compatibility import Feature, Fleet, Mode

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

    from tidegate import ComponentCompute, ComponentRollingUpdate

_Memory = Annotated[int, Field(ge=128)]


class ComputePart(Part):
    """What each copy reserves."""

    min_memory_mb: _Memory
    max_memory_mb: _Memory | None = None
    cpu_cores: Annotated[float, Field(ge=0.25)] | None = None
    accelerators: Count | None = None

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.compute()
        return self

    def compute(self) -> "ComponentCompute":
        """Return the need for the library."""
        from tidegate import ComponentCompute

        return ComponentCompute(**{name: getattr(self, name) for name in type(self).model_fields})


class RollingPart(Part):
    """How an update replaces the copies, batch by batch."""

    batch_percent: Annotated[int, Field(ge=5, le=50)]
    wait_seconds: Annotated[int, Field(ge=0, le=3600)]
    timeout_seconds: Annotated[int, Field(ge=600, le=28800)] | None = None
    rollback_percent: Annotated[int, Field(ge=5, le=100)] | None = None
    alarms: Annotated[tuple[AlarmArn, ...], Field(strict=False, max_length=10)] = ()

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.update(())
        return self

    def update(self, alarms: "Sequence[cloudwatch.IAlarm]") -> "ComponentRollingUpdate":
        """Return the update for the library.

        Args:
            alarms: The alarms whose ARNs the file names.

        """
        from tidegate import ComponentRollingUpdate

        return ComponentRollingUpdate(
            batch_percent=self.batch_percent,
            wait_seconds=self.wait_seconds,
            timeout_seconds=self.timeout_seconds,
            rollback_percent=self.rollback_percent,
            alarms=alarms,
        )


class ComponentPart(Part):
    """One model on the shared fleet."""

    model: ModelPart
    copies: Count
    compute: ComputePart
    scaling: CopyScalingPart | None = None
    rolling_update: RollingPart | None = None

    @field_validator("scaling")
    @classmethod
    def _fits(cls, value: CopyScalingPart | None, info: ValidationInfo) -> CopyScalingPart | None:
        copies = info.data.get("copies")
        if value is not None and copies is not None and not value.min <= copies <= value.max:
            raise PydanticCustomError("count", f"min to max must include copies ({copies})")
        return value


class ComponentsPart(InstancesPart):
    """The shared fleet, and the models on it."""

    REFUSED = refused_fields(Mode.COMPONENTS, "variants", "ab_test", "guardrails")

    min_instances: Count
    max_instances: Count
    volume_key: KeyArn | None = None
    metrics_frequency_seconds: Seconds | None = None
    detailed_observability: bool = False
    models: Annotated[dict[Name, ComponentPart], Field(min_length=1)]

    @field_validator("max_instances")
    @classmethod
    def _not_below(cls, value: int, info: ValidationInfo) -> int:
        least = info.data.get("min_instances", value)
        if value < least:
            raise PydanticCustomError("max", f"must be at least min_instances ({least})")
        return value


class ComponentsService(Service):
    """A service of several models that share instances."""

    SECTION: ClassVar[str] = "components"
    REFUSED = no_rollout(Mode.COMPONENTS) | {"model": "belongs to each of components.models"}

    components: ComponentsPart
    alarms: InstanceAlarmsPart | None = None

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""
        return [one.model for one in self.components.models.values()]

    def declared(self) -> Declared:
        """Return an endpoint of inference components."""
        part = self.components
        features = part.pools("components")
        if part.volume_key is not None:
            features[Feature.VOLUME_KEY] = ("components", "volume_key")
        for name, one in part.models.items():
            place = ("components", "models", name)
            features |= {feature: (*place, "model", field) for feature, field in one.model.features()}
            if one.scaling is not None:
                features[Feature.AUTOSCALING] = (*place, "scaling")
        fleet = Fleet(name="live", instance_type=part.instance_type, instances=part.min_instances)
        return Declared(
            mode=Mode.COMPONENTS,
            section=self.SECTION,
            features=features,
            fleets={("components",): fleet},
            models=len(part.models),
            implied=frozenset({Feature.MANAGED_INSTANCE_SCALING}),
        )
