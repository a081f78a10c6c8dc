"""What collecting leftovers needs from the world."""

from collections.abc import Sequence
from typing import Protocol


class Leftovers(Protocol):
    """Endpoint configurations and models that the controller has made for its rollouts."""

    def configs(self) -> Sequence[str]:
        """Return the names of the configurations, the newest first."""

    def models(self) -> Sequence[str]:
        """Return the names of the models, the newest first."""

    def delete_config(self, name: str) -> None:
        """Delete a configuration; one that is gone counts as deleted."""

    def delete_model(self, name: str) -> None:
        """Delete a model; one that is gone counts as deleted."""


class GateLeftovers(Protocol):
    """Endpoints that validation gates have made, with their configurations and models of the same names."""

    def made_before(self, when: float) -> Sequence[str]:
        """Return names of which something is there that was made before a time, in seconds since 1970."""

    def delete(self, name: str) -> None:
        """Delete endpoint, configuration and model of a name; what is gone counts as deleted."""
