"""What only the environments and all services together show to be wrong with the permissions of people."""

from collections.abc import Iterator, Mapping, Sequence

from stacks.fields.kinds import UndecidedService
from stacks.fields.managed import ManagedService
from stacks.fields.people import PeoplePart
from stacks.promotion_rules import has
from stacks.pydantic_faults import did_you_mean
from stacks.service_file import Environment, Service
from stacks.unknown import Unknown, each, first, itself, rule
from stacks.yaml_source import YamlSource

Environments = Mapping[str, Environment]


def people_faults(
    source: YamlSource, people: PeoplePart, environments: Environments, services: Sequence[Service]
) -> Iterator[str]:
    """Yield a line for each fault.

    Args:
        source: The file of the environments.
        people: Its section `people`.
        environments: All environments by name.
        services: All services.

    """
    yield from _environment_faults(source, people, environments, services)
    yield from _center_faults(source, people, environments)


@rule
def _environment_faults(
    source: YamlSource, people: PeoplePart, environments: Environments, services: Sequence[Service]
) -> Iterator[str]:
    for index, name in each(people.environments, itself):
        for why in _name_faults(name, environments, services):
            yield source.fault(["people", "environments", index], why)


@rule
def _center_faults(source: YamlSource, people: PeoplePart, environments: Environments) -> Iterator[str]:
    at = None if people.identity_center is None else people.identity_center.at
    if at is not None and at not in environments:
        hint = did_you_mean(at, environments)
        yield source.fault(["people", "identity_center", "at"], f"unknown environment {at!r}{hint}")


def _name_faults(name: str, environments: Environments, services: Sequence[Service]) -> Iterator[str]:
    rules = (
        _not_there(name, environments),
        _nothing_to_guard(name, environments, services),
        _ends_alike(name, environments),
    )
    # The first is enough: the others follow from it.
    yield from next((found for one in rules if (found := list(one))), [])


@rule
def _not_there(name: str, environments: Environments) -> Iterator[str]:
    if name not in environments:
        yield f"unknown environment {name!r}{did_you_mean(name, environments)}"


@rule
def _nothing_to_guard(name: str, environments: Environments, services: Sequence[Service]) -> Iterator[str]:
    def rolled_out(one: Service) -> bool:
        if not has(one.environments, name, environments):
            return False
        if isinstance(one, UndecidedService):
            raise Unknown
        return isinstance(one, ManagedService)

    if not first(services, rolled_out):
        yield f"no service with a rollout is deployed to {name!r}: there is nothing to guard"


@rule
def _ends_alike(name: str, environments: Environments) -> Iterator[str]:
    # The policies name everything of an environment by how its names end.
    for other in environments:
        if other.endswith(f"-{name}") and environments[other].account == environments[name].account:
            why = "lies in the same account and its name ends alike: rename one of them"
            yield f"environment {other!r} {why}"
