"""What the handlers need from the world, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tidegate_runtime.lineage import Lineage
from tidegate_runtime.state import Suspended

LIVE: Final = "live"
CANDIDATE: Final = "candidate"
SHADOW: Final = "shadow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant of the endpoint as it is: weights as numbers, counts as instances."""

    name: str
    weight: float
    desired_weight: float
    instances: int
    desired_instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """The endpoint as it is: status, configuration in use, configuration on its way, variants, shadows."""

    status: str
    config_name: str
    pending_config: str = ""
    failure_reason: str = ""
    variants: tuple[Variant, ...] = ()
    shadows: tuple[Variant, ...] = ()

    def variant(self, name: str) -> Variant | None:
        """Return the variant that answers under that name, or None."""
        return next((variant for variant in self.variants if variant.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container of a model package version."""

    image: str
    artifact_uri: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A model package version.

    `instance_types` are those it says it can serve on (empty: it does not say), `artifact_version` is the S3
    version id recorded at its registration, or empty. `fix_forward` says that it is to replace a live version
    that is in trouble. `changed_by` is who changed it last, or empty. `lineage` is where it comes from, as
    far as its registration says.
    """

    arn: str
    group: str
    approval: str
    containers: tuple[Container, ...]
    instance_types: tuple[str, ...] = ()
    artifact_version: str = ""
    fix_forward: bool = False
    changed_by: str = ""
    lineage: Lineage = field(default_factory=Lineage)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackView:
    """The hosting stack: status, the endpoint configuration it owns, the package it deployed.

    `commit` is the source revision that it was deployed from, or empty where the deployment did not say.
    """

    status: str
    config_name: str
    package_arn: str
    commit: str = ""

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is at work, cleaning up included."""
        return self.status.endswith("_IN_PROGRESS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who holds the endpoint, and until when (seconds since 1970)."""

    rollout_id: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A rollout's record; `revision` grows with each change, 0 is not yet stored."""

    rollout_id: str
    status: str
    body: Mapping[str, Any]
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A state machine's execution: its status, and its output once it has succeeded."""

    status: str
    output: Mapping[str, Any] = field(default_factory=dict)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> float:
        """Return the time in seconds since 1970."""


class Endpoint(Protocol):
    """One SageMaker endpoint and what it is made of."""

    def describe(self) -> EndpointView:
        """Return the endpoint; raises EndpointMissing."""

    def config(self, name: str) -> dict[str, Any]:
        """Return an endpoint configuration in the form in which it can be created."""

    def model(self, name: str) -> dict[str, Any]:
        """Return a model in the form in which it can be created."""

    def create_model(self, definition: Mapping[str, Any]) -> None:
        """Create a model; one of the same name counts as created."""

    def create_config(self, definition: Mapping[str, Any]) -> None:
        """Create an endpoint configuration; one of the same name counts as created."""

    def update(self, config_name: str, *, retain_counts: bool = False) -> None:
        """Deploy a configuration; raises EndpointBusy."""

    def set_weights(self, weights: Mapping[str, float]) -> None:
        """Set the weights of several variants in one call; raises EndpointBusy."""

    def set_instances(self, variant: str, count: int) -> None:
        """Set the instances of one variant; raises EndpointBusy."""


class Registry(Protocol):
    """The model registry and the artifacts behind it."""

    def package(self, arn: str) -> Package:
        """Return a model package version; raises NotApproved when there is none."""

    def require_artifact(self, uri: str, *, version: str) -> None:
        """Check that the artifact can be read; raises ArtifactMissing."""


class Ledger(Protocol):
    """Leases, runs and decisions of one endpoint."""

    def lease(self) -> Lease | None:
        """Return the lease, or None."""

    def acquire(self, lease: Lease, *, replacing: Lease | None) -> bool:
        """Take the lease if it is free, already ours, or still `replacing`; tell whether it is ours."""

    def release(self, rollout_id: str) -> None:
        """Give the lease back if it is this rollout's."""

    def run(self, rollout_id: str) -> Run | None:
        """Return the record of a rollout, or None."""

    def open_runs(self) -> Sequence[Run]:
        """Return all records with status RUNNING."""

    def queued_runs(self) -> Sequence[Run]:
        """Return all records with status QUEUED."""

    def waiting_runs(self) -> Sequence[Run]:
        """Return all records with status NEEDS_HUMAN."""

    def promoted_runs(self) -> Sequence[Run]:
        """Return all records with status PROMOTED."""

    def save(self, run: Run) -> bool:
        """Store a record as `revision + 1` if the stored one still has `revision`; tell whether it did."""

    def log(self, rollout_id: str, *, at: float, kind: str, body: Mapping[str, Any]) -> None:
        """Add a decision."""


class Pointer(Protocol):
    """The parameter that names the live model package version."""

    def read(self) -> str | None:
        """Return the live version's ARN, or None before the first."""

    def create(self, value: str) -> bool:
        """Write the first value; tell whether there was none before."""

    def write(self, value: str) -> None:
        """Replace the value."""


class Stack(Protocol):
    """The hosting stack."""

    def describe(self) -> StackView | None:
        """Return the stack, or None when it does not exist."""

    def update(self, *, token: str) -> None:
        """Deploy the same template with the pointer's value of now; raises NothingToUpdate."""


class Scaling(Protocol):
    """The scalable target of the variant `live`."""

    def suspended(self) -> Suspended | None:
        """Return what is suspended, or None when no target is registered."""

    def suspend(self, what: Suspended) -> None:
        """Set what is suspended."""


class Executions(Protocol):
    """Executions of state machines, found by their names."""

    def start(self, machine_arn: str, *, name: str, document: Mapping[str, Any]) -> bool:
        """Start an execution; False when one of that name exists already."""

    def describe(self, machine_arn: str, *, name: str) -> Execution | None:
        """Return an execution, or None."""

    def stop(self, machine_arn: str, *, name: str, reason: str) -> None:
        """Stop an execution if it runs."""

    def running(self, machine_arn: str) -> Sequence[str]:
        """Return the names of all running executions."""
