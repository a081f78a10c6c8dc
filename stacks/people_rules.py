"""What only the environments and all services together show to be wrong with the permissions of people."""

from collections.abc import Iterator, Mapping, Sequence

from stacks.fields.managed import ManagedService
from stacks.fields.people import PeoplePart
from stacks.pydantic_faults import did_you_mean
from stacks.service_file import Environment, Service
from stacks.yaml_source import YamlSource


def people_faults(
    source: YamlSource,
    people: PeoplePart,
    environments: Mapping[str, Environment],
    services: Sequence[Service],
) -> Iterator[str]:
    """Yield a line for each fault.

    Args:
        source: The file of the environments.
        people: Its section `people`.
        environments: All environments by name.
        services: All services.

    """
    rolled_out = {name for one in services if isinstance(one, ManagedService) for name in one.environments}
    for index, name in enumerate(people.environments):
        if why := _why_not(name, environments, rolled_out):
            yield source.fault(["people", "environments", index], why)
    center = people.identity_center
    if center is not None and center.at not in environments:
        hint = did_you_mean(center.at, list(environments))
        yield source.fault(["people", "identity_center", "at"], f"unknown environment {center.at!r}{hint}")


def _why_not(name: str, environments: Mapping[str, Environment], rolled_out: set[str]) -> str | None:
    if name not in environments:
        return f"unknown environment {name!r}{did_you_mean(name, list(environments))}"
    if name not in rolled_out:
        return f"no service with a rollout is deployed to {name!r}: there is nothing to guard"
    # The policies name everything of an environment by how its names end.
    account = environments[name].account
    for other, lies in environments.items():
        if other.endswith(f"-{name}") and lies.account == account:
            return (
                f"environment {other!r} lies in the same account and its name ends alike: rename one of them"
            )
    return None
