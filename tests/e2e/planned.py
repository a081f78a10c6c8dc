"""Another plan for a service: its controller is deployed anew, and hosting is left alone."""

from tests.e2e.rest import Rest
from tests.e2e.world import World


def plan(world: World, change: str) -> Rest:
    """Deploy the controller with another plan; return the endpoint at rest, which that leaves alone."""
    before = world.require_rest()
    ran = world.deploy(change, kind="controller")
    assert (ran.status, ran.told) == (0, "")
    assert world.require_rest() == before
    return before
