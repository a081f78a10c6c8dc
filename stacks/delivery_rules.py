"""What only the environments and all services together show to be wrong with a pipeline."""

from collections.abc import Iterator, Sequence
from typing import Final

from stacks.fields.delivery import DeliveryPart, named
from stacks.promotion_rules import Environments, Fault, has, promotion_faults
from stacks.pydantic_faults import did_you_mean
from stacks.service_files import ServiceFile
from stacks.unknown import each, first, itself, rule
from stacks.yaml_source import YamlSource
from tidegate.delivery_stage import ONE_REGION_FIRST

_HAND: Final = (
    "is deployed by hand (cli-credentials); a pipeline takes the roles of cdk bootstrap (bootstrap-roles)"
)


def delivery_faults(
    source: YamlSource,
    delivery: DeliveryPart,
    environments: Environments,
    services: Sequence[ServiceFile],
) -> Iterator[str]:
    """Yield a line for each fault.

    Args:
        source: The file of the environments.
        delivery: Its section `delivery`.
        environments: All environments by name.
        services: All services.

    """
    for rules in (
        _at_faults(delivery, environments),
        _wave_faults(delivery, environments, services),
        _region_faults(delivery, environments),
    ):
        for place, why in rules:
            yield source.fault(["delivery", *place], why)
    for one in services:
        for place, why in promotion_faults(one.service, delivery, environments):
            yield one.source.fault(place, why)


@rule
def _at_faults(delivery: DeliveryPart, environments: Environments) -> Iterator[Fault]:
    for why in _not_reached(delivery.at, environments):
        yield ["at"], why


@rule
def _wave_faults(
    delivery: DeliveryPart, environments: Environments, services: Sequence[ServiceFile]
) -> Iterator[Fault]:
    for (stage, wave, index), name in named(delivery.stages):
        for why in _name_faults(name, environments, services):
            yield ["stages", stage, "waves", wave, index], why


def _name_faults(name: str, environments: Environments, services: Sequence[ServiceFile]) -> Iterator[str]:
    found = list(_not_reached(name, environments))
    yield from found or _unused(name, environments, services)


@rule
def _not_reached(name: str, environments: Environments) -> Iterator[str]:
    if name not in environments:
        yield f"unknown environment {name!r}{did_you_mean(name, environments)}"
    elif environments[name].deploy_with != "bootstrap-roles":
        yield f"{name} {_HAND}"


@rule
def _unused(name: str, environments: Environments, services: Sequence[ServiceFile]) -> Iterator[str]:
    if not first(services, lambda one: has(one.service.environments, name, environments)):
        yield f"no service is deployed to {name!r}: its stage would be empty"


@rule
def _region_faults(delivery: DeliveryPart, environments: Environments) -> Iterator[Fault]:
    for number, names in each(delivery.stages, lambda stage: stage.waves[0]):
        known = [name for _, name in each(names, itself) if name in environments]
        regions = dict.fromkeys(region for _, region in each(known, lambda name: environments[name].region))
        if len(regions) > 1:
            yield ["stages", number, "waves", 0], f"{ONE_REGION_FIRST}, got {', '.join(regions)}"
