"""What the function `deliver` of a service finds beside its code: requests, and a labelled set."""

from typing import TYPE_CHECKING

from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService

if TYPE_CHECKING:
    from tidegate import SampleRequests, ValidationGate


def smoke_requests(deployment: Deployment[ManagedService]) -> "SampleRequests | None":
    """Return the requests that the endpoint must answer after a deployment, if the service declares any."""
    part = deployment.service.delivery
    if part is None or part.smoke is None:
        return None
    # Imported only when it is asked for: most services have none.
    from stacks.samples import read_samples

    return read_samples(deployment.folder / part.smoke)


def validation_gate(deployment: Deployment[ManagedService]) -> "ValidationGate | None":
    """Return the gate that a candidate must pass, if the service declares one."""
    part = deployment.service.delivery
    if part is None or part.validation is None:
        return None
    from stacks.validation_file import read_gate

    return read_gate(deployment.folder, part.validation, deployment.service.model)
