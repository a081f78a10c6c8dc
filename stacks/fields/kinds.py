"""Which kind of service a file is: its one hosting section decides.

A file is read as its own kind only, so that no fault speaks of another kind, and only that kind's module is
imported.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from stacks.declared import Declared
from stacks.fields.model import SurroundingsPart
from stacks.pydantic_faults import meant
from stacks.service_file import SECTIONS, Service


class UndecidedService(Service):
    """A file without a hosting section: what else it says is checked all the same."""

    endpoint: Any = None
    serverless: Any = None
    async_: Any = Field(default=None, alias="async")
    components: Any = None
    batch: Any = None
    model: Any = None
    rollout: Any = None
    alarms: Any = None
    delivery: Any = None

    @property
    def meant(self) -> bool:
        """Whether there is an unknown field whose name is nearly one of a hosting section."""
        return any(
            self.says(name)
            for name, one in type(self).model_fields.items()
            if (one.alias or name) in SECTIONS
        )

    def surroundings(self) -> Sequence[SurroundingsPart]:
        """Return nothing: there are no models yet."""
        return []

    def declared(self) -> Declared:
        """Refuse: there is nothing to declare.

        Raises:
            LookupError: always.

        """
        raise LookupError(f"a service must have one of {', '.join(SECTIONS)}")


def _managed() -> type[Service]:
    from stacks.fields.managed import ManagedService

    return ManagedService


def _endpoint() -> type[Service]:
    from stacks.fields.endpoint import EndpointService

    return EndpointService


def _variants() -> type[Service]:
    from stacks.fields.endpoint import VariantsService

    return VariantsService


def _serverless() -> type[Service]:
    from stacks.fields.serverless import ServerlessService

    return ServerlessService


def _async() -> type[Service]:
    from stacks.fields.asynchronous import AsyncService

    return AsyncService


def _components() -> type[Service]:
    from stacks.fields.components import ComponentsService

    return ComponentsService


def _batch() -> type[Service]:
    from stacks.fields.batch import BatchService

    return BatchService


KINDS: Final[Mapping[str, Callable[[], type[Service]]]] = {
    "managed": _managed,
    "endpoint": _endpoint,
    "variants": _variants,
    "serverless": _serverless,
    "async": _async,
    "components": _components,
    "batch": _batch,
}
"""Every kind of service, by name."""


def sections(raw: Mapping[str, object]) -> list[str]:
    """Return the hosting sections of a file, in its order."""
    return [name for name in raw if name in SECTIONS]


def _unknown(raw: Mapping[str, object]) -> list[str]:
    known = {one.alias or name for name, one in UndecidedService.model_fields.items()}
    return [name for name in raw if name not in known]


def kind_of(raw: Mapping[str, object]) -> type[Service]:
    """Return the kind that a file asks for by its first hosting section."""
    found = sections(raw)
    if not found:
        return UndecidedService
    if found[0] != "endpoint":
        return KINDS[found[0]]()
    if "rollout" in raw or any(meant(str(name), ["rollout"]) == "rollout" for name in _unknown(raw)):
        return KINDS["managed"]()
    endpoint = raw["endpoint"]
    return KINDS["variants" if isinstance(endpoint, Mapping) and "variants" in endpoint else "endpoint"]()
