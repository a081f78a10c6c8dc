"""What only the environments and all services together show to be wrong with a pipeline."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from stacks.fields.delivery import DeliveryPart, StagePart
from stacks.fields.managed import ManagedService
from stacks.fields.service_delivery import ServiceDeliveryPart
from stacks.promotion import share_faults
from stacks.pydantic_faults import did_you_mean
from stacks.service_file import Environment
from stacks.service_files import ServiceFile
from stacks.yaml_source import YamlSource
from tidegate._followed import follow_faults

_HAND: Final = (
    "is deployed by hand (cli-credentials); a pipeline takes the roles of cdk bootstrap (bootstrap-roles)"
)


def delivery_faults(
    source: YamlSource,
    delivery: DeliveryPart,
    environments: Mapping[str, Environment],
    services: Sequence[ServiceFile],
) -> Iterator[str]:
    """Yield a line for each fault.

    Args:
        source: The file of the environments.
        delivery: Its section `delivery`.
        environments: All environments by name.
        services: All services.

    """
    yield from _place_faults(source, delivery, environments)
    used = {name for one in services for name in one.service.environments}
    for number, stage in enumerate(delivery.stages):
        for wave, names in enumerate(stage.waves):
            for index, name in enumerate(names):
                if why := _why_not(name, environments, used):
                    yield source.fault(["delivery", "stages", number, "waves", wave, index], why)
    for one in services:
        yield from _service_faults(one, delivery, environments)


def _place_faults(
    source: YamlSource, delivery: DeliveryPart, environments: Mapping[str, Environment]
) -> Iterator[str]:
    if delivery.at not in environments:
        hint = did_you_mean(delivery.at, list(environments))
        yield source.fault(["delivery", "at"], f"unknown environment {delivery.at!r}{hint}")
    elif environments[delivery.at].deploy_with != "bootstrap-roles":
        yield source.fault(["delivery", "at"], f"{delivery.at} {_HAND}")


def _why_not(name: str, environments: Mapping[str, Environment], used: set[str]) -> str | None:
    if name not in environments:
        return f"unknown environment {name!r}{did_you_mean(name, list(environments))}"
    if environments[name].deploy_with != "bootstrap-roles":
        return f"{name} {_HAND}"
    if name not in used:
        return f"no service is deployed to {name!r}: its stage would be empty"
    return None


def _service_faults(
    one: ServiceFile, delivery: DeliveryPart, environments: Mapping[str, Environment]
) -> Iterator[str]:
    for index, name in enumerate(one.service.environments):
        known = environments.get(name)
        if known is not None and known.deploy_with == "bootstrap-roles" and name not in delivery.environments:
            message = f"no stage of delivery (environments.yaml) deploys {name!r}"
            yield one.source.fault(["environments", index], message)
    if isinstance(one.service, ManagedService) and one.service.delivery is not None:
        stages = {stage.name: stage for stage in delivery.stages}
        yield from _stage_faults(one, one.service.delivery, stages)
        yield from share_faults(one.source, one.service, delivery, environments)
        for message in follow_faults(one.service.rollout.plan()):
            yield one.source.fault(["rollout"], message)


def _stage_faults(
    one: ServiceFile, part: ServiceDeliveryPart, stages: Mapping[str, StagePart]
) -> Iterator[str]:
    if part.train_in is not None:
        place = ["delivery", "train_in"]
        if part.train_in not in stages:
            hint = did_you_mean(part.train_in, list(stages))
            yield one.source.fault(place, f"unknown stage {part.train_in!r}{hint}")
        elif not set(one.service.environments) & set(stages[part.train_in].environments):
            message = f"the service is deployed to no environment of stage {part.train_in!r}"
            yield one.source.fault(place, message)
    for name in {} if part.training is None else part.training.parameters:
        if name not in stages:
            hint = did_you_mean(name, list(stages))
            place = ["delivery", "training", "parameters", name]
            yield one.source.fault(place, f"unknown stage {name!r}{hint}")
    if part.pattern == "deploy_models" and all(stage.models_from is None for stage in stages.values()):
        message = f"{part.pattern} promotes models, and no stage (environments.yaml) has models_from"
        yield one.source.fault(["delivery", "pattern"], message)
    if part.train_in in stages and all(stage.models_from != part.train_in for stage in stages.values()):
        message = f"no stage (environments.yaml) has models_from {part.train_in!r}: nothing would be promoted"
        yield one.source.fault(["delivery", "train_in"], message)
