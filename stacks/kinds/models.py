"""Models and fleets of a service file, as constructs."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from stacks.acknowledgements import acknowledge_open_network
from stacks.fields.fleet import FleetPart
from stacks.fields.model import ModelPart, SurroundingsPart
from tidegate import InstanceVariant, Model, ModelSource
from tidegate.compatibility import Mode


def define_model(
    stack: Stack, construct_id: str, part: ModelPart, *, role: iam.IRole, mode: Mode = Mode.REAL_TIME
) -> Model:
    """Define a model whose source the file names.

    Args:
        stack: The hosting stack; its region says where AWS's own images come from.
        construct_id: Id of the model.
        part: What the file says.
        role: The role that the containers run as.
        mode: Kind of inference that serves it.

    Raises:
        ValueError: naming what the library refuses.

    """
    model = surround(stack, construct_id, part, source=part.source(stack.region), role=role)
    frameworks = [one.framework for one in (part, *part.containers) if one.framework is not None]
    acknowledge_open_network(model, mode=mode, because=part.open_network_because, frameworks=frameworks)
    return model


def surround(
    stack: Stack, construct_id: str, part: SurroundingsPart, *, source: ModelSource, role: iam.IRole
) -> Model:
    """Define a model of any source, with the network that the file says."""
    network: dict[str, Any] = {}
    if part.network is not None:
        from stacks.kinds.network import network_of

        network = network_of(stack, construct_id, part.network)
    return Model(
        stack,
        construct_id,
        source=source,
        role=role,
        network_isolation=part.network_isolation,
        **network,
    )


def define_variant(name: str, part: FleetPart, model: Model, *, weight: float = 1.0) -> InstanceVariant:
    """Return the fleet that serves a model."""
    return InstanceVariant(
        name=name,
        model=model,
        instance_type=part.instance_type,
        initial_count=part.instances,
        weight=weight,
        options=part.options(),
    )
