"""What SageMaker refuses of deployment guardrails, or silently does without."""

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration

from tidegate._metric_facts import INVOCATIONS, METRICS
from tidegate._validation import Faults
from tidegate.endpoint_alarm import EndpointAlarm

if TYPE_CHECKING:
    from tidegate.deployment_guardrails import DeploymentGuardrails

MOST_ALARMS: Final = 10
_LONGEST_WAIT: Final = 3600
_TIMEOUT: Final = (600, 28_800)
_SHARES: Final = {"CANARY": (0, 50), "LINEAR": (10, 50), "ROLLING": (5, 50)}
_NAMES: Final = {"CANARY": "canary size", "LINEAR": "linear step", "ROLLING": "batch"}

_API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference"
_ROUTING: Final = f"{_API}/API_TrafficRoutingConfig.html"
_POLICY: Final = f"{_API}/API_BlueGreenUpdatePolicy.html"
_ROLLING: Final = f"{_API}/API_RollingUpdatePolicy.html"
_GUIDE: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_ALARMS: Final = f"{_GUIDE}/deployment-guardrails-configuration.html"
EXCLUSIONS: Final = f"{_GUIDE}/deployment-guardrails-exclusions.html"


def check_times(faults: Faults, guardrails: "DeploymentGuardrails") -> None:
    """Record waits and a time-out that are out of range, or a time-out that the waits use up."""
    for name, wait in (("bake", guardrails.bake), ("termination_wait", guardrails.termination_wait)):
        faults.require(
            ok=wait.to_seconds() <= _LONGEST_WAIT,
            message=f"{name} must be 0 to {_LONGEST_WAIT} s, got {wait.to_seconds():g} s ({_POLICY})",
        )
    faults.require(
        ok=guardrails.strategy != "ROLLING" or guardrails.termination_wait.to_seconds() == 0,
        message="a rolling deployment has no termination_wait, because each batch ends the old instances it "
        f"replaces ({_ROLLING})",
    )
    timeout = guardrails.maximum_execution_timeout
    if timeout is not None:
        least, most = _TIMEOUT
        faults.require(
            ok=least <= timeout.to_seconds() <= most,
            message=f"maximum_execution_timeout must be {least} to {most} s, got {timeout.to_seconds():g} s "
            f"({_POLICY})",
        )
    _check_sum(faults, guardrails, None)


def _check_sum(faults: Faults, guardrails: "DeploymentGuardrails", instances: int | None) -> None:
    given = guardrails.maximum_execution_timeout
    timeout = given if given is not None else Duration.seconds(_TIMEOUT[1])
    waits = guardrails.waits_seconds(instances)
    faults.require(
        ok=timeout.to_seconds() > waits,
        message=f"maximum_execution_timeout of {timeout.to_seconds():g} s must be longer than all waits "
        f"together, {waits:g} s, or every update times out and rolls back ({_POLICY})",
    )


def check_sizes(faults: Faults, guardrails: "DeploymentGuardrails") -> None:
    """Record a percentage out of range, and sizes that the strategy does not know."""
    size, strategy = guardrails.size, guardrails.strategy
    faults.require(
        ok=(size is None) == (strategy == "ALL_AT_ONCE"),
        message=f"size must be set for every strategy but ALL_AT_ONCE, got {size}",
    )
    faults.require(
        ok=guardrails.rollback_size is None or strategy == "ROLLING",
        message=f"rollback_size is for ROLLING only, got {guardrails.rollback_size}",
    )
    if size is not None and size.unit == "CAPACITY_PERCENT":
        _check_share(faults, guardrails, size.value, "the fleet")


def _check_share(faults: Faults, guardrails: "DeploymentGuardrails", share: float, of: str) -> None:
    if guardrails.strategy not in _SHARES:
        return
    least, most = _SHARES[guardrails.strategy]
    page = _ROLLING if guardrails.strategy == "ROLLING" else _ROUTING
    bounds = f"{least} to {most}" if least else f"at most {most}"
    faults.require(
        ok=least <= share <= most,
        message=f"{_NAMES[guardrails.strategy]} must be {bounds} % of {of}, got {share:g} % ({page})",
    )


def check_alarms(faults: Faults, guardrails: "DeploymentGuardrails") -> None:
    """Record too many or no alarms, and conditions that the new fleet alone cannot show."""
    count = len(guardrails.alarms)
    faults.require(
        ok=1 <= count <= MOST_ALARMS,
        message=f"alarms must be 1 to {MOST_ALARMS}, got {count}: without an alarm nothing "
        f"rolls back ({_ALARMS})",
    )
    conditions = [alarm for alarm in guardrails.alarms if isinstance(alarm, EndpointAlarm)]
    names = [condition.name for condition in conditions]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.require(ok=False, message=f"alarms must differ in name, got {name!r} twice")
    for condition in conditions:
        fact = METRICS[condition.metric]
        faults.require(
            ok=fact.namespace == INVOCATIONS and fact.per_variant,
            message=f"alarm {condition.name!r} cannot see the new fleet only, because "
            f"{condition.metric} has no dimension EndpointConfigName ({_ALARMS})",
        )
        soonest = condition.datapoints * condition.period_seconds
        faults.require(
            ok=soonest <= guardrails.bake.to_seconds(),
            message=f"alarm {condition.name!r} needs {soonest} s to fire, but a bake lasts "
            f"{guardrails.bake.to_seconds():g} s: it could never stop a step in time ({_ALARMS})",
        )
        faults.require(
            ok=not condition.missing_is_breaching,
            message=f"alarm {condition.name!r} must not treat missing data as breaching, because "
            f"the new fleet has no data before it gets traffic ({_ALARMS})",
        )


def check_fleet(faults: Faults, guardrails: "DeploymentGuardrails", name: str, instances: int) -> None:
    """Record a step that does not fit a fleet of so many instances, the smallest the variant has."""
    size = guardrails.size
    if size is None:
        return
    fleet = f"the {instances} instance(s) of variant {name!r}"
    faults.require(
        ok=size.instances_of(instances) >= 1,
        message=f"{_NAMES[guardrails.strategy]} must be at least one instance, got "
        f"{size.share_of(instances):g} % of {fleet} = {size.instances_of(instances):g} ({_ROUTING})",
    )
    _check_share(faults, guardrails, size.share_of(instances), fleet)
    if size.unit == "INSTANCE_COUNT":
        _check_sum(faults, guardrails, instances)


def check_exclusions(
    faults: Faults,
    guardrails: "DeploymentGuardrails",
    *,
    instance_types: dict[str, str],
    packages: dict[str, str],
) -> None:
    """Record everything for which SageMaker would silently fall back to all at once without a bake.

    Args:
        faults: Where to record.
        guardrails: What was asked for.
        instance_types: Instance type by variant.
        packages: ARN of a Marketplace model package by variant.

    """
    for name, instance_type in instance_types.items():
        faults.require(
            ok=instance_type.split(".")[1] != "inf1",
            message=f"guardrails do not work on {instance_type} ({name!r}): SageMaker silently falls back "
            f"to all at once without a bake on Inf1; use Inf2 ({EXCLUSIONS})",
        )
    for name, package in packages.items():
        faults.require(
            ok=False,
            message=f"guardrails do not work on the Marketplace package {package} ({name!r}): SageMaker "
            f"silently falls back to all at once without a bake ({EXCLUSIONS})",
        )
    faults.require(
        ok=guardrails.strategy != "ROLLING" or len(instance_types) == 1,
        message=f"a rolling deployment takes exactly one variant, got {sorted(instance_types)}; use "
        f"canary or linear ({EXCLUSIONS})",
    )
