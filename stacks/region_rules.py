"""Whether the regions that a service is deployed to offer the instances that its file names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stacks.fields.values import is_instance_type
from stacks.service_file import Environment, Service
from stacks.unknown import Unknown, each, first, itself, rule
from stacks.yaml_source import Place, YamlSource
from tidegate.instance_regions import Use, why_not_offered

_OF_THE_GATE: Final = ("delivery", "validation", "instance_type")
_USES: Final[Mapping[str, Use]] = {"batch_transform": "transform", "endpoint": "hosting"}


@rule
def region_faults(
    source: YamlSource, raw: Any, service: Service, environments: Mapping[str, Environment]
) -> Iterator[str]:
    """Yield a line for each instance type that regions do not offer, at its place in the file.

    Args:
        source: The service file.
        raw: Its content as plain values.
        service: What it says.
        environments: All environments by name.

    """
    names = [name for _, name in each(service.environments, itself) if name in environments]
    for place, instance_type in _types(raw, ()):
        without: dict[str, list[str]] = {}
        for name in names:
            for why in _not_offered(place, raw, instance_type, environments[name]):
                without.setdefault(why, []).append(name)
        for why, there in without.items():
            yield source.fault(place, f"{why} {_in_environments(there)}")


def _in_environments(names: Sequence[str]) -> str:
    several = "s" if len(names) > 1 else ""
    offers = ", ".join(f"{name}.offers" for name in names)
    knows_better = f"if the table is too old, list the type in {offers} of environments.yaml"
    return f"(environment{several} {', '.join(names)}); {knows_better}"


@rule
def _not_offered(place: Place, raw: Any, instance_type: str, environment: Environment) -> Iterator[str]:
    why = why_not_offered(_use(place, raw), environment.region, instance_type)
    if why is not None and first(environment.offers, lambda one: one == instance_type) is None:
        yield why


def _types(node: Any, place: tuple[str | int, ...]) -> Iterator[tuple[Place, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "instance_type" and is_instance_type(value):
                yield (*place, key), value
            elif key == "fallback_types" and isinstance(value, list):
                found = [(index, one) for index, one in enumerate(value) if is_instance_type(one)]
                yield from (((*place, key, index), one) for index, one in found)
            else:
                yield from _types(value, (*place, str(key)))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _types(value, (*place, index))


def _use(place: Place, raw: Any) -> Use:
    """Return what an instance type is for: the validation gate makes jobs, or endpoints of its own."""
    if tuple(place) == _OF_THE_GATE:
        by = raw["delivery"]["validation"].get("by", "batch_transform")
        if not isinstance(by, str) or by not in _USES:
            raise Unknown
        return _USES[by]
    return "transform" if place[0] == "batch" else "hosting"
