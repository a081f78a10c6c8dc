"""A real-time endpoint without a rollout: the file itself names its models."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from stacks.declared import Declared
from stacks.fields.ab_test import ABTestPart
from stacks.fields.alarms import InstanceAlarmsPart
from stacks.fields.capture import CapturePart, ExplainerPart
from stacks.fields.fleet import ScaledFleetPart, ShadowPart, VariantPart
from stacks.fields.guardrails import GuardrailsPart
from stacks.fields.model import ModelPart, SurroundingsPart
from stacks.fields.retain import Kept
from stacks.fields.values import KeyArn, Name, Seconds, Text
from stacks.part import Part
from stacks.service_file import Service
from stacks.unknown import rule
from stacks.yaml_source import Place
from tidegate.compatibility import Feature, Mode

Acknowledged = dict[Literal["one-instance"], Text]


class SettingsPart(Part):
    """What belongs to the endpoint, not to one of its fleets."""

    metrics_frequency_seconds: Seconds | None = None
    detailed_observability: bool = False
    retain: Kept | None = None
    volume_key: KeyArn | None = None
    guardrails: GuardrailsPart | None = None
    data_capture: CapturePart | None = None
    explainer: ExplainerPart | None = None
    acknowledge: Acknowledged = Field(default_factory=dict)

    def features(self) -> Iterator[tuple[Feature, Place]]:
        """Yield what the compatibility table is asked for, with the field that asks."""
        fields = {
            "volume_key": Feature.VOLUME_KEY,
            "data_capture": Feature.DATA_CAPTURE,
        }
        for name, feature in fields.items():
            if getattr(self, name) is not None:
                yield feature, ("endpoint", name)


class EndpointPart(SettingsPart, ScaledFleetPart):
    """An endpoint with one fleet, the variant `live`, and perhaps a shadow of it."""

    shadow: ShadowPart | None = None


class VariantsEndpointPart(SettingsPart):
    """An endpoint with several variants that share the traffic by weight."""

    variants: Annotated[dict[Name, VariantPart], Field(min_length=1, max_length=10)]
    ab_test: ABTestPart | None = None

    def tested(self) -> list[str]:
        """Return the variants that take part in the test: those named, else all that get traffic."""
        named = self.ab_test.variants if self.ab_test is not None else ()
        return list(named) or [name for name, one in self.variants.items() if one.weight > 0]


class EndpointService(Service):
    """A real-time service with one fleet."""

    SECTION: ClassVar[str] = "endpoint"

    model: ModelPart
    endpoint: EndpointPart
    alarms: InstanceAlarmsPart | None = None

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""
        return [self.model, *([self.endpoint.shadow.model] if self.endpoint.shadow is not None else [])]

    def declared(self) -> Declared:
        """Return the kind that the model makes of it, with one fleet."""
        part, scaling = self.endpoint, self.endpoint.scaling
        features = dict(part.features())
        if scaling is not None:
            features[Feature.AUTOSCALING] = ("endpoint", "scaling")
        features |= part.pools("endpoint")
        if part.shadow is not None:
            features |= part.shadow.pools("endpoint", "shadow")
            features[Feature.SHADOW] = ("endpoint", "shadow")
        return Declared(
            mode=self.model.mode,
            section=self.SECTION,
            features=features | {feature: ("model", field) for feature, field in self.model.features()},
            fleets={("endpoint",): part.fleet("live")},
            guardrail=None if part.guardrails is None else part.guardrails.guardrail(),
            models=self.model.hosted,
            requests_per_minute=None if scaling is None else scaling.most_per_minute,
        )


class VariantsService(Service):
    """A real-time service with several variants."""

    SECTION: ClassVar[str] = "endpoint"

    model: ModelPart | None = None
    endpoint: VariantsEndpointPart
    alarms: InstanceAlarmsPart | None = None

    def models(self) -> dict[str, ModelPart]:
        """Return the model of each variant that has one."""
        found = {name: one.model or self.model for name, one in self.endpoint.variants.items()}
        return {name: model for name, model in found.items() if model is not None}

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""
        return list(self.models().values())

    def contradictions(self) -> Iterator[tuple[Place, str]]:
        """Yield what only the whole service shows to be wrong, also variants without a model."""
        yield from self._without_model()
        yield from self._without_weight()
        yield from self._test_faults()
        yield from super().contradictions()

    @rule
    def _without_model(self) -> Iterator[tuple[Place, str]]:
        for name in sorted(set(self.endpoint.variants) - set(self.models())):
            place = ("endpoint", "variants", name, "model")
            yield place, "is missing: neither the variant nor the file names a model"

    @rule
    def _without_weight(self) -> Iterator[tuple[Place, str]]:
        if all(one.weight == 0 for one in self.endpoint.variants.values()):
            yield ("endpoint", "variants"), "must have a variant with a weight above 0"

    @rule
    def _test_faults(self) -> Iterator[tuple[Place, str]]:
        part, test = self.endpoint, self.endpoint.ab_test
        if test is None:
            return
        place = ("endpoint", "ab_test")
        for index, name in enumerate(test.variants):
            if name not in part.variants:
                yield (*place, "variants", index), f"must be one of the variants, got {name!r}"
        if test.champion not in part.tested():
            allowed = ", ".join(part.tested())
            yield (
                (*place, "champion"),
                f"must be one of the tested variants ({allowed}), got {test.champion!r}",
            )
        if len(part.tested()) < 2:
            yield place, f"must have two or more variants with a weight above 0, got {len(part.tested())}"

    def declared(self) -> Declared:
        """Return the kind that the models make of it, with all fleets."""
        models = self.models()
        modes = {model.mode for model in models.values()} - {Mode.REAL_TIME}
        return Declared(
            mode=min(modes, key=lambda mode: mode.value, default=Mode.REAL_TIME),
            section=self.SECTION,
            features=dict(self._features(models)) | dict(self.endpoint.features()),
            fleets={
                ("endpoint", "variants", name): one.fleet(name)
                for name, one in self.endpoint.variants.items()
            },
            guardrail=None if self.endpoint.guardrails is None else self.endpoint.guardrails.guardrail(),
            models=max((model.hosted or 0 for model in models.values()), default=1) or None,
        )

    def _features(self, models: dict[str, ModelPart]) -> Iterator[tuple[Feature, Place]]:
        if self.endpoint.ab_test is not None:
            yield Feature.AB_TEST, ("endpoint", "ab_test")
        for name, one in self.endpoint.variants.items():
            yield from one.pools("endpoint", "variants", name).items()
            if one.scaling is not None:
                yield Feature.AUTOSCALING, ("endpoint", "variants", name, "scaling")
        for name, model in models.items():
            own = self.endpoint.variants[name].model is not None
            place = ("endpoint", "variants", name, "model") if own else ("model",)
            for feature, field in model.features():
                yield feature, (*place, field)
