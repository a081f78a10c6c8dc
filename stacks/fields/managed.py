"""A real-time endpoint whose versions are rolled out: the live pointer names the model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final, Literal

from pydantic import Field, field_validator

from stacks.declared import Declared
from stacks.fields.alarms import InstanceAlarmsPart
from stacks.fields.capture import CapturePart, ExplainerPart
from stacks.fields.fleet import FleetPart, fitting_scaling
from stacks.fields.model import SurroundingsPart
from stacks.fields.rollout import RolloutPart
from stacks.fields.scaling import InstanceScalingPart
from stacks.fields.service_delivery import ServiceDeliveryPart, ValidationPart
from stacks.fields.values import Seconds, Text
from stacks.service_file import Service
from stacks.unknown import rule
from stacks.yaml_source import Place
from tidegate._guardrails_rules import samples_faults
from tidegate.compatibility import COMBINATIONS, Feature, Guardrail, Mode

Acknowledged = dict[Literal["one-instance"], Text]
_EXCLUSIONS: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html"
_SHADOW: Final = COMBINATIONS[Feature.SHADOW, Feature.SEVERAL_VARIANTS]

_NAMED: Final = "does not go with a rollout: the live pointer names the model package version"


class ManagedModelPart(SurroundingsPart):
    """What the containers get beside the model package, which the live pointer names."""

    REFUSED: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "package",
            "image",
            "framework",
            "version",
            "digest",
            "artifact",
            "artifact_version",
            "models",
            "containers",
            "execution",
        ),
        _NAMED,
    ) | {"buckets": "does not go with a rollout: the controller checks artifacts in the service's own bucket"}


class ManagedEndpointPart(FleetPart):
    """The fleet of the live variant."""

    REFUSED: ClassVar[Mapping[str, str]] = {
        "variants": "does not go with a rollout, which has the variants live and candidate",
        "ab_test": "does not go with a rollout, which moves the weights itself",
        "shadow": "does not go with a rollout, whose own first phase it can be (rollout.shadow): "
        f"{_SHADOW.reason} [shadow+several-variants: {_SHADOW.source}]",
        "guardrails": "does not go with a rollout: `rollout.backend: guardrails` makes SageMaker carry its "
        "steps out; beside the controller's steps, whose promotion takes the variant candidate away, they do "
        f"not work, since guardrails want the same variants before and after ({_EXCLUSIONS})",
        "retain": "does not go with a rollout: the scaler owns the counts, and the controller the weights",
        "volume_key": "does not go with a rollout: the controller makes configurations, and may not use "
        "the key",
    }

    metrics_frequency_seconds: Seconds | None = None
    detailed_observability: bool = False
    scaling: InstanceScalingPart | None = None
    data_capture: CapturePart | None = None
    explainer: ExplainerPart | None = None
    acknowledge: Acknowledged = Field(default_factory=dict)

    _fits = field_validator("scaling")(fitting_scaling)


class ManagedService(Service):
    """A real-time service, and how new versions get there."""

    SECTION: ClassVar[str] = "endpoint"

    model: ManagedModelPart = ManagedModelPart()
    endpoint: ManagedEndpointPart
    rollout: RolloutPart
    alarms: InstanceAlarmsPart | None = None
    delivery: ServiceDeliveryPart | None = None

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return what each model gets from around it."""
        return [self.model]

    def declared(self) -> Declared:
        """Return a real-time endpoint, with weights between two variants or SageMaker's own policy."""
        scaling = self.endpoint.scaling
        return Declared(
            mode=Mode.REAL_TIME,
            section=self.SECTION,
            features={feature: ("model", field) for feature, field in self.model.features()}
            | dict(self._endpoint_features()),
            fleets={("endpoint",): self.endpoint.fleet("live")},
            requests_per_minute=None if scaling is None else scaling.most_per_minute,
            guardrail=self._guardrail(),
            guardrail_at=("rollout", "steps"),
            implied=frozenset()
            if self.rollout.backend == "guardrails"
            else frozenset({Feature.SEVERAL_VARIANTS, Feature.CANARY_BY_WEIGHTS}),
        )

    def beside(self) -> Sequence[str]:
        """Return the files of the rollout's samples and of the smoke tests, as far as there are any."""
        smoke = None if self.delivery is None else self.delivery.smoke
        return [name for name in dict.fromkeys((self.rollout.samples, smoke)) if name is not None]

    def gates(self) -> Sequence[ValidationPart]:
        """Return the validation gate, if there is one."""
        gate = None if self.delivery is None else self.delivery.validation
        return () if gate is None else (gate,)

    def _guardrail(self) -> Guardrail | None:
        """Return SageMaker's policy for the plan; what is wrong with the plan itself is told elsewhere."""
        if self.rollout.backend != "guardrails":
            return None
        try:
            return self.rollout.plan().deployment_guardrails().policy
        except ValueError:
            return None

    def contradictions(self) -> Iterator[tuple[Place, str]]:
        """Yield what only the whole service shows to be wrong, also of its plan."""
        yield from self._plan_faults()
        yield from super().contradictions()
        yield from self._shadow_refusals()

    @rule
    def _plan_faults(self) -> Iterator[tuple[Place, str]]:
        try:
            plan = self.rollout.plan()
        except ValueError as error:
            yield ("rollout",), str(error)
        else:
            for message in samples_faults(plan, sampled=self.rollout.says("samples")):
                yield ("rollout", "samples"), message

    @rule
    def _shadow_refusals(self) -> Iterator[tuple[Place, str]]:
        """Yield what the table refuses of a shadow phase, in which there is one production variant only."""
        if self.rollout.shadow is None:
            return
        declared = self.declared()
        features = {**declared.features, Feature.SHADOW: ("rollout", "shadow")}
        said = [message for _, message in declared.refusals()]
        for _, message in replace(declared, features=features, implied=frozenset()).refusals():
            if message not in said:
                yield ("rollout", "shadow"), message

    def _endpoint_features(self) -> Iterator[tuple[Feature, Place]]:
        if self.endpoint.data_capture is not None:
            yield Feature.DATA_CAPTURE, ("endpoint", "data_capture")
        if self.endpoint.scaling is not None:
            yield Feature.AUTOSCALING, ("endpoint", "scaling")
        yield from self.endpoint.pools("endpoint").items()
