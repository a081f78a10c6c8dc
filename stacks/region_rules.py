"""Whether the regions that a service is deployed to offer the instances that its file names."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.service_file import Environment
from stacks.yaml_source import Place, YamlSource
from tidegate.instance_regions import Use, why_not_offered


def region_faults(source: YamlSource, raw: Any, environments: Mapping[str, Environment]) -> Iterator[str]:
    """Yield a line for each instance type that a region does not offer, at its place in the file.

    Args:
        source: The service file.
        raw: Its content as plain values.
        environments: Those that the service is deployed to, by name.

    """
    for place, instance_type in _types(raw, ()):
        for name, environment in environments.items():
            if instance_type in environment.offers:
                continue
            why = why_not_offered(_use(place), environment.region, instance_type)
            if why is not None:
                knows_better = f"if the table is too old, list the type in {name}.offers of environments.yaml"
                yield source.fault(place, f"{why} (environment {name}); {knows_better}")


def _types(node: Any, place: tuple[str | int, ...]) -> Iterator[tuple[Place, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "instance_type" and isinstance(value, str):
                yield (*place, key), value
            elif key == "fallback_types" and isinstance(value, list):
                yield from (((*place, key, index), one) for index, one in enumerate(value))
            else:
                yield from _types(value, (*place, str(key)))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _types(value, (*place, index))


def _use(place: Place) -> Use:
    return "transform" if place[0] in ("batch", "delivery") else "hosting"
