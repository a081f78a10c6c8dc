"""What rollouts have made, read from the endpoint's own store, and what validation gates have."""

from collections.abc import Sequence

from tests.lambdas.fakes.sagemaker import FakeEndpoint
from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.errors import Rejected
from tidegate_runtime.naming import config_prefix, is_content_name, model_prefix

ENDPOINT = "digits"


class FakeLeftovers(Port):
    """The `Leftovers` port; names are in the order in which they were made."""

    name = "sagemaker"

    def __init__(self, world: World, endpoint: FakeEndpoint) -> None:
        super().__init__(world)
        self.endpoint = endpoint

    @call
    def configs(self) -> Sequence[str]:
        prefix = config_prefix(ENDPOINT)
        return [n for n in reversed(self.endpoint.cloud.configs) if is_content_name(n, prefix=prefix)]

    @call
    def models(self) -> Sequence[str]:
        prefix = model_prefix(ENDPOINT)
        return [n for n in reversed(self.endpoint.cloud.models) if is_content_name(n, prefix=prefix)]

    @call
    def delete_config(self, name: str) -> None:
        self.endpoint.cloud.configs.pop(name, None)

    @call
    def delete_model(self, name: str) -> None:
        self.endpoint.cloud.models.pop(name, None)


class FakeGateLeftovers(Port):
    """The `GateLeftovers` port: what is there by name, with the time at which it was made.

    `busy` holds names of endpoints that take no deletion at the moment.
    """

    name = "sagemaker"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.made: dict[str, float] = {}
        self.busy: set[str] = set()

    @call
    def made_before(self, when: float) -> Sequence[str]:
        return [name for name, time in self.made.items() if time < when]

    @call
    def delete(self, name: str) -> None:
        if name in self.busy:
            raise Rejected(f"Cannot update in-progress endpoint {name}")
        self.made.pop(name, None)
