"""Security Hub's controls of SageMaker resources, each as one rule over a resource of a template."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One control.

    Attributes:
        name: Security Hub's name of it, as it is acknowledged.
        kind: Type of the resources that it is about.
        description: What is asked for.
        fix: What to set.
        faults: Yields the places in a resource's properties that break the rule, with dots.

    """

    name: str
    kind: str
    description: str
    fix: str
    faults: Callable[[Properties], Iterator[str]]


def _more_than_one_instance(properties: Properties) -> Iterator[str]:
    for number, variant in enumerate(properties.get("ProductionVariants", [])):
        count = variant.get("InitialInstanceCount", 1)
        # A reference is known at deploy time only; one that says 1 then is Security Hub's to find.
        if "ServerlessConfig" not in variant and isinstance(count, int) and count <= 1:
            yield f"ProductionVariants.{number}.InitialInstanceCount"


def _on(*path: str) -> Callable[[Properties], Iterator[str]]:
    """Return the rule that the switch at `path` is literally true."""

    def faults(properties: Properties) -> Iterator[str]:
        found: Any = properties
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is not True:
            yield ".".join(path)

    return faults


def _inline_job_is_isolated(properties: Properties) -> Iterator[str]:
    job = ("MonitoringScheduleConfig", "MonitoringJobDefinition")
    # A schedule that names a job definition has its network there.
    if job[1] in properties.get(job[0], {}):
        yield from _on(*job, "NetworkConfig", "EnableNetworkIsolation")(properties)


_JOBS: Final = {
    "DataQualityJobDefinition": (9, 11),
    "ModelExplainabilityJobDefinition": (10, None),
    "ModelQualityJobDefinition": (13, None),
    "ModelBiasJobDefinition": (15, 12),
}


def _job_rules() -> Iterator[Rule]:
    for job, (encryption, isolation) in _JOBS.items():
        yield Rule(
            name=f"SageMaker.{encryption}",
            kind=f"AWS::SageMaker::{job}",
            description=f"A {job} must encrypt the traffic between its containers",
            fix="Set NetworkConfig.EnableInterContainerTrafficEncryption to true",
            faults=_on("NetworkConfig", "EnableInterContainerTrafficEncryption"),
        )
        if isolation is not None:
            yield Rule(
                name=f"SageMaker.{isolation}",
                kind=f"AWS::SageMaker::{job}",
                description=f"A {job} must isolate its containers from the network",
                fix="Set NetworkConfig.EnableNetworkIsolation to true",
                faults=_on("NetworkConfig", "EnableNetworkIsolation"),
            )


RULES: Final = (
    Rule(
        name="SageMaker.4",
        kind="AWS::SageMaker::EndpointConfig",
        description="A production variant must start with more than one instance",
        fix="Set InitialInstanceCount to 2 or more, so that one lost instance is no outage",
        faults=_more_than_one_instance,
    ),
    Rule(
        name="SageMaker.5",
        kind="AWS::SageMaker::Model",
        description="A model must isolate its containers from the network",
        fix="Set EnableNetworkIsolation to true: Model(..., network_isolation=True)",
        faults=_on("EnableNetworkIsolation"),
    ),
    *_job_rules(),
    Rule(
        name="SageMaker.14",
        kind="AWS::SageMaker::MonitoringSchedule",
        description="A monitoring schedule must isolate the containers of its job from the network",
        fix="Set EnableNetworkIsolation of the job's NetworkConfig to true",
        faults=_inline_job_is_isolated,
    ),
)
"""Every rule, by the type of its resources."""
