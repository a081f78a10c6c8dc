from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ab_test.logic import EVERY_SECONDS, REMINDER_AT
from tests.lambdas.ab_test.world import DAY, DEADLINE, Crash, World, variant

RUNS_TO_END = 40


def run(world: World, times: int = 1) -> None:
    """Run the function as its rule does."""
    keeper = world.keeper()
    for _ in range(times):
        keeper()
        world.sleep(EVERY_SECONDS)


def shape(world: World) -> dict[str, tuple[float, int]]:
    return {one.name: (one.desired_weight, one.desired_instances) for one in world.variants}


ENDED = {"a": (100, 2), "b": (0, 1), "c": (0, 1)}


def test_before_the_deadline_a_test_with_traffic_is_left_alone() -> None:
    world = World(time=DEADLINE - 1, calls={"a": 600, "b": 300, "c": 100})
    assert world.keeper()()["because"] == "nothing is over or idle"
    assert (world.changes, world.told) == ([], [])


def test_at_the_deadline_the_weights_go_first_and_then_one_fleet_in_each_run() -> None:
    world = World()
    run(world)
    assert shape(world) == {"a": (100, 2), "b": (0, 2), "c": (0, 2)}
    run(world, 5)
    assert world.changes == ["weights", "instances b", "instances c"]
    assert shape(world) == ENDED
    assert world.too_early == []


def test_a_variant_that_takes_no_part_keeps_weight_and_fleet() -> None:
    world = World(configured=[variant("a"), variant("b"), variant("other", weight=3, instances=4)])
    run(world, 6)
    assert shape(world) == {"a": (2, 2), "b": (0, 1), "other": (3, 4)}


def test_the_minimum_of_a_scaled_variant_comes_down_before_its_fleet() -> None:
    world = World(minimum={"a": 2, "b": 2})
    run(world, 6)
    assert world.changes == ["weights", "minimum b", "instances b", "instances c"]
    assert world.minimum == {"a": 2, "b": 1}


def test_a_deploy_after_the_end_is_followed_by_the_same_end() -> None:
    world = World()
    run(world, 6)
    world.deploy()
    run(world, 6)
    assert shape(world) == ENDED


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack", "Failed", "Creating"])
def test_nothing_is_done_while_the_endpoint_is_not_in_service(status: str) -> None:
    world = World(status=status)
    assert world.keeper()()["because"] == f"the endpoint is {status}"
    assert (world.changes, world.told) == ([], [])


def test_nothing_is_done_while_a_rollout_is_in_flight() -> None:
    world = World(configured=[variant("a"), variant("b"), variant("candidate", weight=0)])
    assert world.keeper()()["because"] == "a rollout is in flight"
    assert world.changes == []


def test_an_endpoint_that_is_gone_or_lacks_the_champion_is_left_alone() -> None:
    assert World(exists=False).keeper()()["because"] == "there is no such endpoint"
    world = World(configured=[variant("b"), variant("c")])
    assert world.keeper()()["because"] == "the endpoint has no variant a"
    assert world.changes == []


def test_somebody_elses_change_that_begins_meanwhile_is_waited_for() -> None:
    world = World(overtaken=True)
    assert world.keeper()()["because"] == "the endpoint has just begun another change"
    assert (world.changes, world.told) == ([], [])


def test_an_idle_variant_loses_traffic_and_fleet_and_the_others_keep_theirs() -> None:
    world = World(time=DEADLINE - 10 * DAY, calls={"a": 500, "c": 90}, minimum={"b": 2})
    run(world, 4)
    assert shape(world) == {"a": (60, 2), "b": (0, 1), "c": (10, 2)}
    assert world.changes == ["weights", "minimum b", "instances b"]


def test_the_champion_never_expires() -> None:
    world = World(time=DEADLINE - 10 * DAY, calls={"b": 5000, "c": 90})
    run(world)
    assert world.changes == []


def test_a_variant_that_is_younger_than_the_patience_is_not_idle() -> None:
    now = DEADLINE - 10 * DAY
    world = World(time=now, calls={"a": 5000}, created=now - DAY + 1)
    run(world)
    assert world.changes == []


def test_an_incomplete_answer_of_cloudwatch_makes_nobody_idle() -> None:
    world = World(time=DEADLINE - 10 * DAY, calls={"a": 5000}, incomplete=True)
    run(world)
    assert world.changes == []


def test_requests_are_counted_in_whole_hours_that_cover_the_patience() -> None:
    world = World(time=DEADLINE - 10 * DAY + 1234.5)
    run(world)
    assert world.windows == [(DEADLINE - 11 * DAY, DEADLINE - 10 * DAY + 1260, 3600)]


def test_the_end_does_not_depend_on_cloudwatch() -> None:
    world = World(incomplete=True)
    run(world, 6)
    assert shape(world) == ENDED
    assert world.windows == []


def test_each_step_is_told_with_what_it_still_costs_and_what_is_left_to_people() -> None:
    world = World(calls={"a": 1})
    run(world, 6)
    assert [subject for subject, _ in world.told] == ["A/B test on ranking: over"] * 3
    first, _, last = (text for _, text in world.told)
    assert "is over since 2027-01-15 12:00 UTC: a gets all its traffic, and b and c none." in first
    assert "Done now: weights a=100, b=0, c=0." in first
    assert "b still runs 2 x ml.c5.xlarge, going down to 1: 2 instance-hours an hour, 48 a day." in first
    assert "Done now: c goes down to 1 instance." in last
    assert "c still runs 1 x ml.m5.large: 1 instance-hour an hour, 24 a day." in last
    assert "remove b and c from the stack's variants" in last


def test_an_idle_variant_is_told_with_its_time_and_the_endpoints_requests() -> None:
    world = World(time=DEADLINE - 10 * DAY, calls={"a": 500, "c": 90})
    run(world)
    ((subject, text),) = world.told
    assert subject == "A/B test on ranking: idle variants"
    assert "Nobody has called b on endpoint ranking since 2027-01-04 12:00 UTC (24 h)" in text
    assert "the endpoint had 590 requests" in text


def reminders(world: World, *, days: int) -> list[str]:
    world.time = float(world.time // DAY * DAY)
    run(world, days * DAY // EVERY_SECONDS)
    return [subject for subject, _ in world.told]


def test_what_is_over_is_told_once_a_day_until_it_is_removed() -> None:
    world = World(time=DEADLINE + 5 * DAY)
    world.variants = [variant("a"), variant("b", weight=0, instances=1)]
    assert reminders(world, days=3) == ["A/B test on ranking: over"] * 3
    world.variants = [variant("a")]
    assert reminders(world, days=3) == ["A/B test on ranking: over"] * 3


def test_the_end_is_announced_on_three_mornings() -> None:
    world = World(time=DEADLINE - 10 * DAY)
    world.variants = [variant("a", weight=3), variant("b", weight=3)]
    world.calls = {"a": 3, "b": 3}
    mornings = [DEADLINE - DEADLINE % DAY + REMINDER_AT - DAY * day for day in range(6)]
    for morning in reversed(mornings):
        world.time = morning
        world.keeper()()
    assert [subject for subject, _ in world.told] == ["A/B test on ranking: ends soon"] * 3
    assert "ends at 2027-01-15 12:00 UTC: decide which variant stays" in world.told[0][1]


def test_the_end_comes_though_nobody_can_be_told() -> None:
    world = World(mute=True)
    run(world, 6)
    assert shape(world) == ENDED


def test_without_a_topic_the_log_is_told(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.keeper(silent=True)()
    assert "The A/B test on endpoint ranking is over" in caplog.text
    assert world.told == []


ACTIONS = st.one_of(
    st.just(("run", "", 0)),
    st.tuples(st.just("crash"), st.just(""), st.integers(1, 3)),
    st.tuples(st.just("sleep"), st.just(""), st.integers(0, 2 * DAY)),
    st.just(("deploy", "", 0)),
    st.tuples(st.just("scale"), st.sampled_from("abc"), st.integers(1, 9)),
    st.tuples(st.just("minimum"), st.sampled_from("abc"), st.integers(1, 4)),
    st.tuples(st.just("calls"), st.sampled_from("abc"), st.integers(0, 1000)),
)


def act(world: World, kind: str, name: str, number: int) -> None:
    if kind in ("run", "crash"):
        world.crash_after = number
        with suppress(Crash):
            world.keeper()()
        world.crash_after = 0
    elif kind == "sleep":
        world.sleep(number)
    elif kind == "deploy":
        world.deploy()
    elif kind == "scale":
        world.scale(name, number)
    elif kind == "minimum":
        world.minimum[name] = number
    else:
        world.calls[name] = number


@settings(max_examples=300, deadline=None)
@given(before=st.integers(0, 5 * DAY), actions=st.lists(ACTIONS, max_size=30))
def test_whatever_happens_before_the_test_ends_with_the_champion_and_never_acts_in_an_update(
    before: int, actions: list[tuple[str, str, int]]
) -> None:
    world = World(time=DEADLINE - before)
    for action in actions:
        act(world, *action)
        assert any(one.desired_weight for one in world.variants)
    world.sleep(max(DEADLINE - world.time, EVERY_SECONDS))
    run(world, RUNS_TO_END)
    found = shape(world)
    assert found["a"][0] > 0
    assert {found["b"], found["c"]} == {(0, 1)}
    assert all(world.minimum.get(name, 1) == 1 for name in "bc")
    assert world.too_early == []
    settled = list(world.changes)
    run(world, 3)
    assert world.changes == settled
