"""An endpoint in memory with SageMaker's states, durations, refusals and silent rollbacks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.lambdas.fakes.world import Port, World, call, package
from tidegate_runtime.errors import EndpointBusy, EndpointMissing, Rejected
from tidegate_runtime.ports import CANDIDATE, LIVE, EndpointView, Variant

WEIGHT_SECONDS = 60
UPDATE_SECONDS = 300
ALARM_SECONDS = 180
BACK_SECONDS = 120


@dataclass
class Pending:
    """A change on its way: what the endpoint will be, and when.

    Under guardrails it goes back to `before` when an alarm is up from `alarms_from` on.
    """

    ready_at: float
    view: EndpointView
    before: EndpointView | None = None
    alarms_from: float = 0.0


@dataclass
class Cloud:
    """What SageMaker stores."""

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    view: EndpointView | None = None
    pending: Pending | None = None


class FakeEndpoint(Port):
    """The `Endpoint` port; `broken` holds packages whose container fails its health check."""

    name = "sagemaker"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.cloud = Cloud()
        self.broken: set[str] = set()
        self.alarming: Callable[[str], bool] = lambda _: False
        self.guarded: set[str] = set()
        self.shares: list[tuple[float, dict[str, tuple[float, str]]]] = []

    # --- what the tests look at -----------------------------------------------------------------------------
    def view(self) -> EndpointView:
        """Return the endpoint as it is now, without counting as a call."""
        cloud = self.cloud
        if cloud.pending is not None and self._alarmed(cloud.pending):
            back = cloud.pending.before or cloud.pending.view
            cloud.pending = Pending(self.world.time + BACK_SECONDS, replace(back, status="InService"))
            cloud.view = replace(back, status="RollingBack")
        if cloud.pending is not None and self.world.time >= cloud.pending.ready_at:
            guarded = cloud.pending.before is not None
            cloud.view, cloud.pending = cloud.pending.view, None
            self._note()
            if guarded:
                self.guarded.add(self.served_by(LIVE))
        assert cloud.view is not None
        return cloud.view

    def share(self) -> float:
        """Return the candidate's share of the traffic, 0 to 1."""
        variants = {variant.name: variant.weight for variant in self.view().variants}
        return variants.get(CANDIDATE, 0.0) / (sum(variants.values()) or 1.0)

    def served_by(self, variant: str) -> str:
        """Return the package behind a variant, also behind a shadow."""
        config = self.cloud.configs[self.view().config_name]
        model = next(v["ModelName"] for v in every_variant(config) if v["VariantName"] == variant)
        return str(self.cloud.models[model]["PrimaryContainer"]["ModelPackageName"])

    def weights_at(self, time: float) -> dict[str, tuple[float, str]]:
        """Return share and package of each variant at a time; of a shadow its share of copies."""
        self.view()
        return next((shares for since, shares in reversed(self.shares) if since <= time), {})

    def deploy(self, *, version: int, name: str, instances: int = 2) -> None:
        """Put up the endpoint as a first deploy of the stack leaves it."""
        model = {"PrimaryContainer": {"ModelPackageName": package(version), "Environment": {"LEVEL": "info"}}}
        self.cloud.models[f"{name}-model"] = {**model, "ExecutionRoleArn": "role"}
        variant = {
            "VariantName": LIVE,
            "ModelName": f"{name}-model",
            "InitialInstanceCount": instances,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": 1.0,
        }
        self.cloud.configs[name] = {"ProductionVariants": [variant]}
        self.cloud.view = self._deployed(name, counts={})
        self._note()

    # --- the port -------------------------------------------------------------------------------------------
    @call
    def describe(self) -> EndpointView:
        if self.cloud.view is None:
            raise EndpointMissing("Could not find endpoint")
        return self.view()

    @call
    def config(self, name: str) -> dict[str, Any]:
        return dict(self.cloud.configs[name])

    @call
    def model(self, name: str) -> dict[str, Any]:
        return dict(self.cloud.models[name])

    @call
    def create_model(self, definition: Mapping[str, Any]) -> None:
        rest = dict(definition)
        self.cloud.models.setdefault(rest.pop("ModelName"), rest)

    @call
    def create_config(self, definition: Mapping[str, Any]) -> None:
        rest = dict(definition)
        self.cloud.configs.setdefault(rest.pop("EndpointConfigName"), rest)

    @call
    def update(self, config_name: str, *, retain_counts: bool = False) -> None:
        self.change_config(config_name, retain_counts=retain_counts)

    @call
    def set_weights(self, weights: Mapping[str, float]) -> None:
        self.change_weights(weights)

    @call
    def set_instances(self, variant: str, count: int) -> None:
        self.change_count(variant, count)

    # --- what happens inside --------------------------------------------------------------------------------
    def change_weights(self, weights: Mapping[str, float]) -> None:
        """Change weights as the port or anybody else does."""
        self._require_variants(weights)
        view = self._in_service()
        variants = tuple(
            replace(v, weight=weights.get(v.name, v.weight), desired_weight=weights.get(v.name, v.weight))
            for v in view.variants
        )
        self._start(replace(view, variants=variants), seconds=WEIGHT_SECONDS)

    def change_count(self, variant: str, count: int) -> None:
        """Change a count as the port or the scaler does."""
        self._require_variants({variant: count})
        view = self._in_service()
        variants = tuple(
            replace(v, instances=count, desired_instances=count) if v.name == variant else v
            for v in view.variants
        )
        self._start(replace(view, variants=variants), seconds=UPDATE_SECONDS)

    def change_config(self, config_name: str, *, retain_counts: bool, bakes_seconds: float = 0) -> None:
        """Deploy a configuration; a container that fails its check brings the old one back in silence.

        With `bakes_seconds`, so does an alarm in this time, which the update lasts longer.
        """
        if config_name not in self.cloud.configs:
            raise Rejected(f"Could not find endpoint configuration {config_name}")
        view = self._in_service()
        counts = {v.name: v.desired_instances for v in view.variants} if retain_counts else {}
        target = self._deployed(config_name, counts=counts)
        packages = {
            self.cloud.models[v["ModelName"]]["PrimaryContainer"]["ModelPackageName"]
            for v in every_variant(self.cloud.configs[config_name])
        }
        if packages & self.broken:
            target = replace(view, status="InService")
        self._start(target, seconds=UPDATE_SECONDS, pending=config_name)
        if bakes_seconds and self.cloud.pending is not None and not packages & self.broken:
            self.cloud.pending.ready_at += bakes_seconds
            self.cloud.pending.before = view
            self.cloud.pending.alarms_from = self.world.time + UPDATE_SECONDS + ALARM_SECONDS

    def _alarmed(self, pending: Pending) -> bool:
        if pending.before is None or self.world.time < pending.alarms_from:
            return False
        model = self.cloud.configs[pending.view.config_name]["ProductionVariants"][0]["ModelName"]
        return self.alarming(str(self.cloud.models[model]["PrimaryContainer"]["ModelPackageName"]))

    def _in_service(self) -> EndpointView:
        view = self.view()
        if view.status != "InService":
            raise EndpointBusy("Cannot update in-progress endpoint")
        return view

    def _require_variants(self, names: Mapping[str, float]) -> None:
        known = {variant.name for variant in self.view().variants}
        if not set(names) <= known:
            raise Rejected(f"variants {set(names) - known} do not exist")

    def _start(self, target: EndpointView, *, seconds: float, pending: str = "") -> None:
        now = self.view()
        self.cloud.pending = Pending(self.world.time + seconds, replace(target, status="InService"))
        self.cloud.view = replace(now, status="Updating", pending_config=pending)

    def _deployed(self, config_name: str, *, counts: Mapping[str, int]) -> EndpointView:
        config = self.cloud.configs[config_name]

        def of(raw: Mapping[str, Any]) -> Variant:
            count = counts.get(raw["VariantName"], raw["InitialInstanceCount"])
            weight = raw["InitialVariantWeight"]
            return Variant(
                name=raw["VariantName"],
                weight=weight,
                desired_weight=weight,
                instances=count,
                desired_instances=count,
            )

        return EndpointView(
            status="InService",
            config_name=config_name,
            variants=tuple(map(of, config["ProductionVariants"])),
            shadows=tuple(map(of, config.get("ShadowProductionVariants", ()))),
        )

    def _note(self) -> None:
        view = self.cloud.view
        assert view is not None
        total = sum(variant.weight for variant in view.variants) or 1.0
        every = (*view.variants, *view.shadows)
        shares = {v.name: (v.weight / total, self.served_by(v.name)) for v in every}
        self.shares.append((self.world.time, shares))


def every_variant(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the variants of a configuration, shadows last; as SageMaker does, refuse two beside a shadow."""
    production, shadows = config["ProductionVariants"], config.get("ShadowProductionVariants", [])
    assert not shadows or len(production) == len(shadows) == 1, "one production variant beside one shadow"
    return [*production, *shadows]
