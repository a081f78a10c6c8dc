"""An endpoint of an A/B test in memory, with SageMaker's waits and refusals, and everything around it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ab_test.logic import Keeper
from ab_test.settings import Settings
from tidegate_runtime.errors import EndpointBusy, EndpointMissing, Rejected, Transient
from tidegate_runtime.metric_ports import SAGEMAKER
from tidegate_runtime.ports import EndpointView, Variant

DAY: Final = 86_400
DEADLINE: Final = 1_800_000_000 - 1_800_000_000 % DAY + 12 * 3_600
"""Noon, UTC."""
UPDATE_SECONDS: Final = 240
SETTINGS: Final = Settings(
    endpoint_name="ranking",
    champion="a",
    instance_types={"a": "ml.m5.large", "b": "ml.c5.xlarge", "c": "ml.m5.large"},
    deadline=DEADLINE,
    idle_after_seconds=DAY,
)


class Crash(BaseException):
    """The function's process dies after a call."""


def variant(name: str, *, weight: float = 1.0, instances: int = 2) -> Variant:
    """Return a variant at rest."""
    return Variant(
        name=name,
        weight=weight,
        desired_weight=weight,
        instances=instances,
        desired_instances=instances,
    )


@dataclass
class World:
    """Every port of the function; `configured` is what a deploy brings back.

    `crash_after` is the number of calls from now after which the process dies, `incomplete` whether
    CloudWatch answers incompletely, `mute` whether SNS is down, `overtaken` whether somebody else changes
    the endpoint right after each description.
    """

    configured: list[Variant] = field(
        default_factory=lambda: [variant("a", weight=60), variant("b", weight=30), variant("c", weight=10)]
    )
    time: float = DEADLINE
    created: float = 0.0
    calls: dict[str, float] = field(default_factory=dict)
    minimum: dict[str, int] = field(default_factory=dict)
    exists: bool = True
    incomplete: bool = False
    mute: bool = False
    overtaken: bool = False
    crash_after: int = 0
    status: str = "InService"
    ready_at: float | None = None
    changes: list[str] = field(default_factory=list)
    too_early: list[str] = field(default_factory=list)
    windows: list[tuple[int, int, int]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.variants = list(self.configured)

    def keeper(self, settings: Settings = SETTINGS, *, silent: bool = False) -> Keeper:
        """Return the function on this world."""
        return Keeper(
            settings=settings,
            endpoint=self,  # type: ignore[arg-type]  # only the part of the port that is used
            configs=self,
            metrics=self,
            floors=self,
            topic=None if silent else self,
            clock=self,
        )

    def deploy(self) -> None:
        """Deploy the stack's configuration again: weights and counts are as written there."""
        self.variants = list(self.configured)
        self._begin()

    def scale(self, name: str, count: int) -> None:
        """Change a count as the scaler does, within its minimum."""
        if self.status == "InService":
            self._set(name, desired_instances=max(count, self.minimum.get(name, 1)))
            self._begin()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds
        if self.ready_at is not None and self.time >= self.ready_at:
            self.status, self.ready_at = "InService", None
            self.variants = [
                replace(one, weight=one.desired_weight, instances=one.desired_instances)
                for one in self.variants
            ]

    # --- the ports ------------------------------------------------------------------------------------------
    def now(self) -> float:
        return self.time

    def describe(self) -> EndpointView:
        if not self.exists:
            raise EndpointMissing("Could not find endpoint")
        view = EndpointView(status=self.status, config_name="config", variants=tuple(self.variants))
        if self.overtaken:
            self._begin()
        return view

    def created_at(self, config_name: str) -> float:
        assert config_name == "config"
        return self.created

    def sums(
        self,
        names: Sequence[tuple[str, str]],
        *,
        start: int,
        end: int,
        period: int,
        namespace: str = SAGEMAKER,
    ) -> Mapping[tuple[str, str], Mapping[int, float]] | None:
        self.windows.append((start, end, period))
        if self.incomplete:
            return None
        return {
            (name, metric): {start: self.calls[name]} if self.calls.get(name) else {}
            for name, metric in names
        }

    def read(self, variants: Collection[str]) -> Mapping[str, int]:
        return {name: count for name, count in self.minimum.items() if name in variants}

    def lower(self, name: str, *, to: int) -> None:
        assert name in self.minimum, "registering would scale a variant that nobody scales"
        self.minimum[name] = to
        self._changed(f"minimum {name}")

    def set_weights(self, weights: Mapping[str, float]) -> None:
        self._require_in_service("weights")
        if not any(weights.get(one.name, one.desired_weight) for one in self.variants):
            raise Rejected("at least one variant must have a weight above 0")
        for name, weight in weights.items():
            self._set(name, desired_weight=weight)
        self._begin()
        self._changed("weights")

    def set_instances(self, name: str, count: int) -> None:
        self._require_in_service("instances")
        self._set(name, desired_instances=count)
        self._begin()
        self._changed(f"instances {name}")

    def publish(self, *, subject: str, text: str) -> None:
        if self.mute:
            raise Transient("SNS is down")
        self.told.append((subject, text))

    def _set(self, name: str, *, desired_weight: float | None = None, desired_instances: int = 0) -> None:
        (found,) = [one for one in self.variants if one.name == name]
        weight = found.desired_weight if desired_weight is None else desired_weight
        changed = replace(
            found, desired_weight=weight, desired_instances=desired_instances or found.desired_instances
        )
        self.variants = [changed if one.name == name else one for one in self.variants]

    def _begin(self) -> None:
        self.status, self.ready_at = "Updating", self.time + UPDATE_SECONDS

    def _require_in_service(self, what: str) -> None:
        if self.status != "InService":
            self.too_early.append(what)
            raise EndpointBusy("Cannot update in-progress endpoint")

    def _changed(self, what: str) -> None:
        self.changes.append(what)
        self.crash_after -= 1
        if self.crash_after == 0:
            raise Crash(what)
