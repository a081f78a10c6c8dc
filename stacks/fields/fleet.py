"""The instances that serve a model."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from stacks.fields.model import ModelPart
from stacks.fields.scaling import InstanceScalingPart, ScalingPart
from stacks.fields.values import Count, InstanceType, ReservationArn
from stacks.part import Part
from stacks.yaml_source import Place
from tidegate.compatibility import Feature, Fleet
from tidegate.instance_families import has_local_disk, is_burstable

if TYPE_CHECKING:
    from tidegate import VariantOptions

_Wait = Annotated[int, Field(ge=60, le=3600)]


def fitting_scaling(value: ScalingPart | None, info: ValidationInfo) -> ScalingPart | None:
    """Refuse scaling that does not fit the fleet it stands in."""
    instance_type, count = info.data.get("instance_type", ""), info.data.get("instances")
    if value is None:
        return None
    if is_burstable(instance_type):
        raise PydanticCustomError("burstable", f"burstable instance types cannot be scaled ({instance_type})")
    if count is not None and not value.min <= count <= value.max:
        raise PydanticCustomError("count", f"min to max must include instances ({count})")
    return value


class TypedPart(Part):
    """Instances of a type; it stands before what depends on it."""

    instance_type: InstanceType


class InstancesPart(TypedPart):
    """Rarely needed settings of instances."""

    fallback_types: Annotated[tuple[InstanceType, ...], Field(strict=False, max_length=4)] = ()
    routing: Literal["random", "least-outstanding-requests"] | None = None
    volume_gb: Annotated[int, Field(ge=1, le=512)] | None = None
    download_timeout_seconds: _Wait | None = None
    startup_timeout_seconds: _Wait | None = None
    provision_timeout_seconds: Annotated[int, Field(ge=300, le=3600)] | None = None
    reservation: ReservationArn | None = None

    @field_validator("fallback_types")
    @classmethod
    def _differ(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len({info.data.get("instance_type"), *value}) <= len(value):
            raise PydanticCustomError("types", "must be different types, none of them instance_type")
        return value

    @field_validator("volume_gb")
    @classmethod
    def _has_volume(cls, value: int | None, info: ValidationInfo) -> int | None:
        types = (info.data.get("instance_type", ""), *info.data.get("fallback_types", ()))
        fixed = [one for one in types if has_local_disk(one)]
        if value is not None and fixed:
            raise PydanticCustomError("disk", f"{fixed[0]} has a local disk of a fixed size")
        return value

    @field_validator("reservation")
    @classmethod
    def _no_fallback(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("fallback_types"):
            raise PydanticCustomError("reservation", "does not go with fallback_types")
        return value

    def options(self) -> "VariantOptions | None":
        """Return the settings for the library; None when there are none."""
        from tidegate import RoutingStrategy, VariantOptions

        routing = None if self.routing is None else RoutingStrategy[self.routing.upper().replace("-", "_")]
        given = VariantOptions(
            routing=routing,
            volume_size_gb=self.volume_gb,
            download_timeout_seconds=self.download_timeout_seconds,
            startup_timeout_seconds=self.startup_timeout_seconds,
            provision_timeout_seconds=self.provision_timeout_seconds,
            reservation_arn=self.reservation,
            fallback_types=self.fallback_types,
        )
        return None if given == VariantOptions() else given

    def pools(self, *place: str) -> dict[Feature, Place]:
        """Return the feature of falling back to other types, with its place below `place`."""
        return {Feature.INSTANCE_POOLS: (*place, "fallback_types")} if self.fallback_types else {}


class FleetPart(InstancesPart):
    """A number of identical instances."""

    instances: Count

    def fleet(self, name: str) -> Fleet:
        """Return what the compatibility rules are asked about."""
        return Fleet(name=name, instance_type=self.instance_type, instances=self.instances)


class ScaledFleetPart(FleetPart):
    """A fleet that requests are sent to directly."""

    scaling: InstanceScalingPart | None = None

    _fits = field_validator("scaling")(fitting_scaling)


class VariantPart(ScaledFleetPart):
    """One of several variants."""

    weight: Annotated[float, Field(ge=0)] = 1.0
    model: ModelPart | None = None


class ShadowPart(FleetPart):
    """A variant that gets copies of the requests, and whose answers are dropped."""

    model: ModelPart
    weight: Annotated[float, Field(ge=0)] = 1.0
