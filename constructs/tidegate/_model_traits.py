"""What a model is made of, as far as a kind of endpoint may refuse it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraits:
    """The properties of a model that some kinds of endpoint exclude.

    Attributes:
        in_vpc: Whether the containers are attached to the user's network.
        network_isolated: Whether the containers are cut off from every network.
        images: Addresses of the container images.
        containers: Number of containers.
        execution: How several containers are called, `Serial` or `Direct`; None for one container.
        multi_model: Whether a container loads models from a prefix on demand.
        uncompressed: Whether an artifact is a prefix instead of an archive.

    """

    in_vpc: bool = False
    network_isolated: bool = False
    images: tuple[str, ...] = ()
    containers: int = 1
    execution: str | None = None
    multi_model: bool = False
    uncompressed: bool = False
