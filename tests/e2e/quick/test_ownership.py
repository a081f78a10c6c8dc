"""Who owns the endpoint: deploys, promotions, rollbacks, failed deploys and change sets, one after the other.

`docs/ownership.md` lists every sequence. After each, `require_rest` checks that pointer, stack and callers'
answers name one version, that `live` is alone and scaled as declared, and that no lease is left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.change_sets import execute, prepare
from tests.e2e.interference import set_pointer
from tests.e2e.rest import Rest
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

_SCALED: Final = 2
"""Instances that the scaler is taken to have chosen; the template says 1."""


@dataclass(slots=True)
class Story:
    """What was done, and the endpoint at rest after each of it, in order."""

    done: dict[str, Any] = field(default_factory=dict)
    rests: dict[str, Rest] = field(default_factory=dict)
    answers: set[str] = field(default_factory=set)

    def note(self, name: str, world: World, done: Any = None) -> Rest:
        """Note what was done under a name, with the endpoint at rest after it."""
        self.done[name], self.rests[name] = done, world.require_rest()
        return self.rests[name]

    @contextmanager
    def traffic(self, world: World) -> Iterator[None]:
        """Let users ask all the time."""
        with world.traffic() as traffic:
            yield
        self.answers |= set(traffic.answers)


@pytest.fixture(scope="module")
def story(quick: World, assembly: Path) -> Iterator[Story]:
    quick.set_instances(_SCALED)
    story = Story()
    with story.traffic(quick):
        _promote_twice_and_look_at_old_change_sets(quick, story)
        story.note("failed deploy", quick, quick.deploy("broken"))
        change_set = prepare(quick, "green", name="before-a-rollout")
    package = quick.in_first_step()
    executed = execute(quick, change_set)
    with story.traffic(quick):
        quick.wait_for(package, "ENDED")
        story.note("promoted after failures", quick, executed)
        story.note("deploy", quick, quick.deploy("green"))
        _go_back_through_the_stack(quick, story)
        blue = quick.stage.cdk.try_deploy(assembly, quick.controller.hosting_stack)
        story.note("deploy after watch", quick, blue)
        change_set = prepare(quick, "green", name="before-a-rollback")
        story.note("rolled back", quick, quick.wait_for(quick.roll_out(loads=False), "ENDED"))
        story.note("change set after rollback", quick, execute(quick, change_set))
    yield story
    quick.set_instances(1)


def _promote_twice_and_look_at_old_change_sets(world: World, story: Story) -> None:
    story.note("first", world)
    change_set = prepare(world, "green", name="before-promotions")
    before = story.note("promoted", world, world.wait_for(world.roll_out(), "ENDED"))
    live = story.note("promoted again", world, world.wait_for(world.roll_out(), "ENDED"))
    story.note("obsolete", world, execute(world, change_set))
    change_set = prepare(world, "green", name="before-the-pointer-moved")
    # Between the pointer's move and the stack's update a promotion is like this for a moment.
    set_pointer(world, before.package)
    executed = execute(world, change_set)
    set_pointer(world, live.package)
    story.note("stale", world, executed)


def _go_back_through_the_stack(world: World, story: Story) -> None:
    package = world.roll_out()
    world.wait_for(package, "PROMOTED")
    with world.traffic(failing=True):
        run = world.wait_for(package, "ENDED")
    story.note("watch", world, run)


def test_a_promotion_after_a_promotion_answers_with_its_own_version(story: Story) -> None:
    rests = [story.rests[name] for name in ("first", "promoted", "promoted again")]
    assert len({rest.version for rest in rests}) == len(rests)
    assert [story.done[name].status for name in ("promoted", "promoted again")] == ["PROMOTED"] * 2


def test_rejects_a_change_set_that_is_older_than_the_last_promotion(story: Story) -> None:
    (reason,) = story.done["obsolete"].reasons
    assert "OBSOLETE" in reason
    assert story.rests["obsolete"] == story.rests["promoted again"]


def test_rejects_a_change_set_once_the_pointer_has_moved_and_the_promoted_version_answers(
    story: Story,
) -> None:
    stale = f"stale: the live model package is {story.rests['promoted'].package}"
    assert [reason for reason in story.done["stale"].reasons if stale in reason]
    assert story.done["stale"].status == "UPDATE_ROLLBACK_COMPLETE"
    assert story.rests["stale"] == story.rests["promoted again"]


def test_a_deploy_that_fails_after_two_promotions_ends_with_the_promoted_version(story: Story) -> None:
    assert story.done["failed deploy"].status == 1
    assert story.rests["failed deploy"] == story.rests["promoted again"]


def test_rejects_a_change_set_during_a_rollout_and_the_rollout_is_promoted(story: Story) -> None:
    executed, rest = story.done["promoted after failures"], story.rests["promoted after failures"]
    assert executed.status == "UPDATE_ROLLBACK_COMPLETE"
    assert [reason for reason in executed.reasons if "is in flight (STEPPING)" in reason]
    assert rest.colour == "blue"


def test_a_promotion_after_a_failed_deploy_answers_with_its_own_version(story: Story) -> None:
    before, after = story.rests["failed deploy"], story.rests["promoted after failures"]
    assert after.package != before.package
    assert after == replace(before, version=after.version, package=after.package)


def test_a_deploy_after_a_promotion_keeps_the_promoted_version(story: Story) -> None:
    assert (story.done["deploy"].status, story.done["deploy"].told) == (0, "")
    assert story.rests["deploy"] == replace(story.rests["promoted after failures"], colour="green")


def test_a_promoted_version_that_fails_under_watch_goes_back_through_the_stack(story: Story) -> None:
    run = story.done["watch"]
    assert run.status == "ROLLED_BACK"
    judged = run.last("JUDGED").body
    assert (judged["phase"], judged["verdict"]) == ("WATCHING", "FAIL")
    assert story.rests["watch"] == story.rests["deploy"]


def test_a_deploy_after_a_rollback_through_the_stack_keeps_the_version_of_before(story: Story) -> None:
    ran = story.done["deploy after watch"]
    assert (ran.status, ran.told) == (0, "")
    assert story.rests["deploy after watch"] == replace(story.rests["watch"], colour="blue")


def test_a_change_set_from_before_a_rollback_is_as_good_as_a_deploy_after_it(story: Story) -> None:
    assert story.done["rolled back"].status == "ROLLED_BACK"
    assert story.rests["rolled back"] == story.rests["deploy after watch"]
    assert story.done["change set after rollback"].status == "UPDATE_COMPLETE"
    assert story.rests["change set after rollback"] == replace(story.rests["rolled back"], colour="green")


def test_the_count_that_the_scaler_chose_outlives_everything(story: Story) -> None:
    assert {name: rest.instances for name, rest in story.rests.items() if rest.instances != _SCALED} == {}


def test_no_request_is_lost(story: Story) -> None:
    assert story.answers == {"OK"}
