"""What the stages of a pipeline show to be wrong with a service."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from stacks.fields.delivery import DeliveryPart, StagePart
from stacks.fields.managed import ManagedService
from stacks.promotion import source_of
from stacks.pydantic_faults import did_you_mean, meant
from stacks.service_file import Environment, Service
from stacks.unknown import each, first, itself, rule
from stacks.yaml_source import Place
from tidegate._followed import follow_faults

Environments = Mapping[str, Environment]
Fault = tuple[Place, str]

_ONE_REGION: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html"


def promotion_faults(service: Service, delivery: DeliveryPart, environments: Environments) -> Iterator[Fault]:
    """Yield the place in the service's file, and why, for each fault.

    Args:
        service: The service.
        delivery: The section `delivery` of the environments.
        environments: All environments by name.

    """
    yield from _left_out(service, delivery, environments)
    if isinstance(service, ManagedService) and service.says("delivery"):
        yield from _trained_nowhere(service, delivery, environments)
        yield from _taken_nowhere(service, delivery)
        yield from _unknown_parameters(service, delivery)
        yield from _promoted_nowhere(service, delivery)
        yield from _shared_too_far(service, delivery, environments)
        yield from _followed_too_long(service)


def has(names: Iterable[str], name: str, environments: Environments) -> bool:
    """Tell whether a name is among others, or was meant by one of them.

    Raises:
        Unknown: it is not known of one, and none of the others is it.

    """
    return first(names, lambda one: meant(one, environments) == name) is not None


@rule
def _left_out(service: Service, delivery: DeliveryPart, environments: Environments) -> Iterator[Fault]:
    for index, name in each(service.environments, itself):
        for why in _not_delivered(name, delivery, environments):
            yield ["environments", index], why


@rule
def _not_delivered(name: str, delivery: DeliveryPart, environments: Environments) -> Iterator[str]:
    if name not in environments or environments[name].deploy_with != "bootstrap-roles":
        return
    if not first(delivery.stages, lambda stage: has(stage.environments, name, environments)):
        yield f"no stage of delivery (environments.yaml) deploys {name!r}"


@rule
def _trained_nowhere(
    service: ManagedService, delivery: DeliveryPart, environments: Environments
) -> Iterator[Fault]:
    wanted = None if service.delivery is None else service.delivery.train_in
    if wanted is None:
        return
    stage, place = _stage(delivery, wanted), ["delivery", "train_in"]
    if stage is None:
        yield place, f"unknown stage {wanted!r}{_did_you_mean(wanted, delivery)}"
        return
    named = [meant(name, environments) for _, name in each(stage.environments, itself)]
    if not first(service.environments, lambda name: meant(name, environments) in named):
        yield place, f"the service is deployed to no environment of stage {wanted!r}"


@rule
def _taken_nowhere(service: ManagedService, delivery: DeliveryPart) -> Iterator[Fault]:
    wanted = None if service.delivery is None else service.delivery.train_in
    if wanted is None or _stage(delivery, wanted) is None:
        return
    if not first(delivery.stages, lambda stage: stage.models_from == wanted):
        message = f"no stage (environments.yaml) has models_from {wanted!r}: nothing would be promoted"
        yield ["delivery", "train_in"], message


@rule
def _unknown_parameters(service: ManagedService, delivery: DeliveryPart) -> Iterator[Fault]:
    training = None if service.delivery is None else service.delivery.training
    for name in {} if training is None else training.parameters:
        if _stage(delivery, name) is None:
            place = ["delivery", "training", "parameters", name]
            yield place, f"unknown stage {name!r}{_did_you_mean(name, delivery)}"


@rule
def _promoted_nowhere(service: ManagedService, delivery: DeliveryPart) -> Iterator[Fault]:
    part = service.delivery
    if part is None or part.pattern != "deploy_models":
        return
    if not first(delivery.stages, lambda stage: stage.says("models_from")):
        message = f"{part.pattern} promotes models, and no stage (environments.yaml) has models_from"
        yield ["delivery", "pattern"], message


@rule
def _shared_too_far(
    service: ManagedService, delivery: DeliveryPart, environments: Environments
) -> Iterator[Fault]:
    """Yield a fault for each environment that models cannot be shared with: it is in another region."""
    if service.delivery is None or service.delivery.artifact != "share":
        return
    for _, name in each(service.environments, itself):
        for why in _other_region(service, delivery, name, environments):
            yield ["delivery", "artifact"], why


@rule
def _other_region(
    service: ManagedService, delivery: DeliveryPart, name: str, environments: Environments
) -> Iterator[str]:
    if not first(delivery.stages, lambda stage: name in stage.environments):
        return
    origin = source_of(service, delivery, name)
    if origin is None or not {origin, name} <= set(environments):
        return
    here, there = environments[origin].region, environments[name].region
    if here != there:
        yield (
            f"a model in {here} ({origin}) cannot be shared with {there} ({name}): its endpoint reads "
            f"artifacts of its own region ({_ONE_REGION}); copy it"
        )


@rule
def _followed_too_long(service: ManagedService) -> Iterator[Fault]:
    try:
        plan = service.rollout.plan()
    except ValueError:
        return  # It is told as a contradiction of the service.
    for message in follow_faults(plan):
        yield ["rollout"], message


def _stage(delivery: DeliveryPart, name: str) -> StagePart | None:
    return first(delivery.stages, lambda stage: stage.name == name)


def _did_you_mean(name: str, delivery: DeliveryPart) -> str:
    return did_you_mean(name, [stage.name for stage in delivery.stages])
