"""Rollouts under other plans: the controller is deployed anew for each, and hosting is left alone."""

import pytest

from tests.e2e.rest import Rest
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def plan(world: World, change: str) -> Rest:
    """Deploy the controller with another plan; return the endpoint at rest, which that leaves alone."""
    before = world.require_rest()
    ran = world.deploy(change, kind="controller")
    assert (ran.status, ran.told) == (0, "")
    assert world.require_rest() == before
    return before


def test_a_newer_approval_supersedes_the_rollout_in_flight_and_without_traffic_it_goes_back_itself(
    quick: World,
) -> None:
    before = plan(quick, "impatient")
    first = quick.in_first_step()
    second = quick.roll_out()
    superseded, unseen = quick.wait_for(first, "ENDED"), quick.wait_for(second, "ENDED")
    assert superseded.status == "ROLLED_BACK"
    assert superseded.body["reason"] == f"{unseen.rollout_id} was approved"
    assert unseen.status == "ROLLED_BACK"
    judged = unseen.last("JUDGED")
    assert judged is not None
    assert (judged.body["verdict"], judged.body["step_requests"]) == ("NO_DATA", 0)
    assert quick.require_rest() == before
