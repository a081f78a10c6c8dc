"""A commit that changes neither shape nor model is deployed without an operation on anything that serves."""

from dataclasses import dataclass
from typing import Final

import pytest

from tests.e2e.change_sets import events
from tests.e2e.rest import Rest
from tests.e2e.world import World
from tidegate_cli.rehearsal.cdk import Ran

pytestmark = pytest.mark.e2e

FIRST: Final = "1111111111111111111111111111111111111111"
SECOND: Final = "2222222222222222222222222222222222222222"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commits:
    """The second of two commits: its deploys, the events of hosting, its output and rest before and after."""

    ran: tuple[Ran, ...]
    touched: frozenset[str]
    outputs: tuple[str, str]
    rests: tuple[Rest, Rest]


@pytest.fixture(scope="module")
def commits(world: World) -> Commits:
    """Deploy a first commit and, with nothing else changed, a second one."""
    cdk, services, hosting = world.stage.cdk, world.stage.service.folder, world.controller.hosting_stack
    begun = [
        cdk.begin_synth(services, name=f"commit-{commit[:4]}", context=[f"commit={commit}"])
        for commit in (FIRST, SECOND)
    ]
    first, second = (synth.wait() for synth in begun)
    cdk.deploy(first, hosting)
    before, known = world.stack_output("Commit"), {event["EventId"] for event in events(world)}
    rest = world.require_rest()
    ran = tuple(cdk.try_deploy(second, stack) for stack in (world.controller.stack, hosting))
    new = [event for event in events(world) if event["EventId"] not in known]
    return Commits(
        ran=ran,
        touched=frozenset(event["logical_id"] for event in new),
        outputs=(before, world.stack_output("Commit")),
        rests=(rest, world.require_rest()),
    )


def test_the_output_names_the_commit_that_was_deployed_last(commits: Commits) -> None:
    assert [ran.status for ran in commits.ran] == [0, 0]
    assert commits.outputs == (FIRST, SECOND)


def test_no_resource_of_hosting_is_operated_on(commits: Commits, world: World) -> None:
    assert commits.touched == {world.controller.hosting_stack}
    assert commits.rests[0] == commits.rests[1]
