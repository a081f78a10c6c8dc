"""An endpoint as a record: its status, its variants and what is on its way to it.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from localcloud.hosting import Concurrency, Host, WorkerPool
from localcloud.sagemaker import serverless
from localcloud.sagemaker.capture import CaptureSettings
from localcloud.sagemaker.configs import EndpointConfig
from localcloud.sagemaker.variants import VariantSettings

Status = Literal[
    "Creating", "Updating", "RollingBack", "InService", "Deleting", "Failed", "UpdateRollbackFailed"
]


@dataclass(slots=True, kw_only=True)
class Variant:
    """A variant of an endpoint: what it is and what it is to become.

    Attributes:
        settings: from the configuration.
        resolved_at: when the image was resolved, epoch seconds.
        current_weight: weight that routes requests now.
        desired_weight: weight asked for.
        desired_count: instances asked for.
        instances: those that run.
        active: how many of them get traffic, while an update moves it.
        workers: serves instead of instances, when the variant is serverless.
        desired_concurrency: limits asked for, when the variant is serverless.

    """

    settings: VariantSettings
    resolved_at: float
    current_weight: float
    desired_weight: float
    desired_count: int
    instances: tuple[Host, ...] = ()
    active: int = 0
    workers: WorkerPool | None = None
    desired_concurrency: Concurrency | None = None

    @property
    def name(self) -> str:
        """Variant name."""
        return self.settings.name

    def lacks(self, wanted: int) -> int:
        """Return how many instances are missing to a number; a serverless variant that serves lacks none."""
        return 0 if self.workers is not None else max(0, wanted - len(self.instances))

    def describe(self, status: dict[str, Any] | None) -> dict[str, Any]:
        """Return a ProductionVariantSummary, with VariantStatus when one is given."""
        described: dict[str, Any] = {
            "VariantName": self.name,
            "DeployedImages": [
                {
                    "SpecifiedImage": each.image,
                    "ResolvedImage": each.image,
                    "ResolutionTime": self.resolved_at,
                }
                for each in self.settings.containers
            ],
            "CurrentWeight": self.current_weight,
            "DesiredWeight": self.desired_weight,
            **self._capacity(),
        }
        return described | ({"VariantStatus": [status]} if status else {})

    def _capacity(self) -> dict[str, Any]:
        if self.desired_concurrency is None:
            return {
                "CurrentInstanceCount": len(self.instances),
                "DesiredInstanceCount": self.desired_count,
            }
        current = self.workers.limits if self.workers else self.desired_concurrency
        return {
            "CurrentServerlessConfig": serverless.describe(current),
            "DesiredServerlessConfig": serverless.describe(self.desired_concurrency),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a deployment does at present: a VariantStatus with its message and its beginning."""

    status: str
    message: str
    since: float

    def describe(self) -> dict[str, Any]:
        """Return a ProductionVariantStatus."""
        return {"Status": self.status, "StatusMessage": self.message, "StartTime": self.since}


@dataclass(slots=True, kw_only=True)
class Pending:
    """A deployment in progress.

    Attributes:
        config: the configuration that is being deployed.
        variants: its variants, with the new fleet.
        started: epoch seconds.
        stage: what is being done.
        capture: what will be captured.
        shares: share of each variant's traffic that the new fleet has, 0 to 1.

    """

    config: EndpointConfig
    variants: tuple[Variant, ...]
    started: float
    capture: CaptureSettings | None = None
    stage: Stage | None = None
    shares: dict[str, float] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return a PendingDeploymentSummary."""
        return {
            "EndpointConfigName": self.config.name,
            "StartTime": self.started,
            **_by_kind(self.variants, self._variant),
        }

    def _variant(self, variant: Variant) -> dict[str, Any]:
        status = self.stage.describe() if self.stage else None
        kind = variant.settings.instance_type
        return variant.describe(status) | ({"InstanceType": kind} if kind else {})


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """An endpoint. `config` is the one that serves; a pending one takes its place when it succeeds."""

    name: str
    arn: str
    created: float
    modified: float
    status: Status
    config: EndpointConfig
    variants: dict[str, Variant] = field(default_factory=dict)
    pending: Pending | None = None
    failure_reason: str | None = None
    deployment_config: dict[str, Any] | None = None
    capture: CaptureSettings | None = None

    def production(self) -> dict[str, Variant]:
        """Return the variants that answer."""
        return {name: variant for name, variant in self.variants.items() if not variant.settings.shadow}

    def summary(self) -> dict[str, Any]:
        """Return the members that lists and descriptions share."""
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "EndpointStatus": self.status,
        }

    def describe(self) -> dict[str, Any]:
        """Return what DescribeEndpoint answers."""
        described = self.summary() | {
            "EndpointConfigName": self.config.name,
            **_by_kind(self.variants.values(), lambda each: each.describe(self._variant_status(each))),
        }
        metrics = self.config.description.get("MetricsConfig")
        optional: dict[str, Any] = {"FailureReason": self.failure_reason, "MetricsConfig": metrics}
        optional["LastDeploymentConfig"] = self.deployment_config
        optional["DataCaptureConfig"] = self.capture.describe() if self.capture else None
        optional["PendingDeploymentSummary"] = self.pending.describe() if self.pending else None
        return described | {name: value for name, value in optional.items() if value}

    def _variant_status(self, variant: Variant) -> dict[str, Any] | None:
        if self.status == "Creating":
            message = f"Launching {variant.desired_count} instance(s)."
        elif variant.workers is not None:
            return None
        elif self.status == "Deleting":
            message = f"Terminating {len(variant.instances)} instance(s)."
        elif self.status == "Updating" and variant.desired_count != len(variant.instances):
            direction = "out" if variant.desired_count > len(variant.instances) else "in"
            message = f"Scaling {direction} desired instance count to {variant.desired_count}."
        else:
            return None
        return {"Status": self.status, "StatusMessage": message, "StartTime": self.modified}


def _by_kind(
    variants: Iterable[Variant], describe: Callable[[Variant], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    described: dict[str, list[dict[str, Any]]] = {"ProductionVariants": []}
    for variant in variants:
        kind = "ShadowProductionVariants" if variant.settings.shadow else "ProductionVariants"
        described.setdefault(kind, []).append(describe(variant))
    return described


def new_variants(config: EndpointConfig, *, now: float) -> tuple[Variant, ...]:
    """Return a configuration's variants with its own weights and counts, without instances."""
    return tuple(
        Variant(
            settings=settings,
            resolved_at=now,
            current_weight=settings.weight,
            desired_weight=settings.weight,
            desired_count=settings.count,
            desired_concurrency=settings.serverless,
        )
        for settings in config.variants
    )
