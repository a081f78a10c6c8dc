"""Canary after canary: a version that cannot start, a good one on a grown fleet, and again a bad one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.interference import raise_alarm
from tests.e2e.world import World
from tidegate_cli.operator.endpoint import EndpointView
from tidegate_cli.operator.ledger import Run

pytestmark = pytest.mark.e2e

GROWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """Three rollouts in a row, and the endpoint before, between and after them."""

    first: Run
    second: Run
    third: Run
    before: EndpointView
    after_first: EndpointView
    after_second: EndpointView
    suspended_during_second: bool
    answers: dict[str, int]


@pytest.fixture(scope="module")
def canaries(world: World) -> Iterator[Canaries]:
    before = world.stage.endpoint()
    first = world.wait_for_end(world.roll_out(loads=False))
    after_first = world.stage.endpoint()
    world.set_instances(GROWN)
    package = world.roll_out()
    with world.traffic() as traffic:
        world.wait_for(package, "SHIFTED", step=0)
        suspended = world.scale_in_suspended()
        raise_alarm(world, "OK", "INSUFFICIENT_DATA")
        second = world.wait_for_end(package)
    yield Canaries(
        first=first,
        second=second,
        before=before,
        after_first=after_first,
        after_second=world.stage.endpoint(),
        suspended_during_second=suspended,
        answers=traffic.answers,
        third=world.wait_for_end(world.roll_out(loads=False)),
    )
    world.set_instances(1)


def test_a_container_that_fails_its_ping_is_noticed_although_sagemaker_rolls_back_silently(
    canaries: Canaries,
) -> None:
    assert canaries.first.status == "ROLLED_BACK"
    assert canaries.first.body["reason"].startswith("UpdateRolledBack: ")
    assert canaries.first.first("PREPARED") is None
    assert canaries.after_first == canaries.before


def test_a_rollout_right_after_a_rollback_is_promoted_and_no_request_is_lost(canaries: Canaries) -> None:
    assert canaries.second.status == "PROMOTED"
    assert set(canaries.answers) == {"OK"}
    assert canaries.after_second.config_name != canaries.before.config_name


def test_a_rollout_right_after_a_promotion_starts_from_what_was_promoted(canaries: Canaries) -> None:
    assert canaries.third.status == "ROLLED_BACK"
    assert canaries.third.body["baseline"]["package_arn"] == canaries.second.body["package_arn"]
    assert canaries.third.body["baseline"]["config_name"] == canaries.after_second.config_name


def test_scale_in_of_live_is_suspended_during_a_rollout_and_given_back_after_it(
    canaries: Canaries, world: World
) -> None:
    assert canaries.suspended_during_second is True
    assert world.scale_in_suspended() is False


def test_an_instance_count_that_was_raised_by_hand_survives_the_promotion(canaries: Canaries) -> None:
    assert canaries.before.variants["live"].instances == 1
    assert canaries.second.body["candidate"]["instances"] == GROWN
    assert canaries.after_second.variants["live"].instances == GROWN


def test_an_alarm_that_loses_its_data_neither_stops_a_rollout_nor_helps_it(canaries: Canaries) -> None:
    assert canaries.second.status == "PROMOTED"
    assert canaries.second.first("ROLLBACK_REQUESTED") is None
