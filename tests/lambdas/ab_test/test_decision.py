import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_test.decision import Step, idle_variants, next_step
from tests.lambdas.ab_test.world import variant
from tidegate_runtime.ports import Variant

AB = [variant("a", weight=50), variant("b", weight=50)]
NAMES = ["a", "b", "c", "d"]


@st.composite
def endpoints(draw: st.DrawFn) -> list[Variant]:
    weights = st.floats(min_value=0, max_value=100, width=32)
    return [
        variant(name, weight=draw(weights), instances=draw(st.integers(1, 5)))
        for name in NAMES[: draw(st.integers(2, 4))]
    ]


def step(variants: list[Variant], leaving: set[str], **floors: int) -> Step:
    return next_step(variants, champion="a", leaving=leaving, floors=floors)


def test_a_variant_without_requests_is_idle_when_its_share_would_have_been_twenty() -> None:
    assert idle_variants(AB, {"a": 40}, {"b"}) == ["b"]


def test_a_variant_whose_share_is_small_may_have_had_none_by_chance() -> None:
    assert idle_variants(AB, {"a": 39}, {"b"}) == []
    small = [variant("a", weight=99), variant("b", weight=1)]
    assert idle_variants(small, {"a": 1999}, {"b"}) == []
    assert idle_variants(small, {"a": 2000}, {"b"}) == ["b"]


def test_a_variant_without_weight_is_idle_after_any_request_to_another() -> None:
    assert idle_variants([variant("a"), variant("b", weight=0)], {"a": 1}, {"b"}) == ["b"]


def test_a_single_request_keeps_a_variant() -> None:
    assert idle_variants([variant("a"), variant("b", weight=0)], {"a": 1e6, "b": 1}, {"b"}) == []


@pytest.mark.parametrize("calls", [{}, {"a": 0.0, "b": 0.0}])
def test_without_traffic_on_the_endpoint_nobody_is_idle(calls: dict[str, float]) -> None:
    assert idle_variants(AB, calls, {"a", "b"}) == []
    assert idle_variants([variant("a"), variant("b", weight=0)], calls, {"b"}) == []


def test_only_the_variants_that_one_asks_for_are_idle() -> None:
    assert idle_variants([variant("a"), variant("b", weight=0)], {"a": 99}, {"a"}) == []


def test_the_last_rival_leaves_its_share_to_the_champion() -> None:
    assert step(AB, {"b"}).weights == {"a": 100, "b": 0}


def test_an_idle_variant_leaves_the_weights_of_the_others_alone() -> None:
    three = [*AB, variant("c", weight=10)]
    assert step(three, {"b"}).weights == {"a": 50, "b": 0, "c": 10}


def test_a_champion_without_weight_gets_some_when_it_is_the_only_one_left() -> None:
    assert step([variant("a", weight=0), variant("b", weight=0)], {"b"}).weights == {"a": 1, "b": 0}


def test_the_endpoint_is_never_left_without_any_weight() -> None:
    three = [variant("a", weight=0), variant("b", weight=30), variant("c", weight=0)]
    assert step(three, {"b"}).weights == {"a": 30, "b": 0, "c": 0}


def test_one_step_changes_the_weights_of_all_or_the_capacity_of_one() -> None:
    assert step(AB, {"b"}, b=2) == Step(weights={"a": 100, "b": 0})
    quiet = [variant("a"), variant("b", weight=0, instances=3), variant("c", weight=0, instances=2)]
    assert step(quiet, {"b", "c"}, b=2, c=1) == Step(floors=("b",), shrink="b")


def test_a_minimum_is_lowered_though_there_is_one_instance_already() -> None:
    assert step([variant("a"), variant("b", weight=0, instances=1)], {"b"}, b=4) == Step(floors=("b",))


def test_the_champions_minimum_is_its_own() -> None:
    assert step([variant("a"), variant("b", weight=0, instances=1)], {"b"}, a=4) == Step()


@given(variants=endpoints(), data=st.data())
def test_weights_are_right_after_one_step_and_no_traffic_is_lost(
    variants: list[Variant], data: st.DataObject
) -> None:
    leaving = data.draw(st.sets(st.sampled_from([one.name for one in variants[1:]])))
    wanted = step(variants, leaving).weights
    after = [
        variant(one.name, weight=wanted.get(one.name, one.weight), instances=one.instances)
        for one in variants
    ]
    assert step(after, leaving).weights == {}
    assert all(one.weight == 0 for one in after if one.name in leaving)
    assert not leaving or any(one.weight > 0 for one in after)
    if len(leaving) == len(variants) - 1:
        total = sum(one.weight for one in variants)
        assert after[0].weight == pytest.approx(total or 1.0)


@given(variants=endpoints())
def test_nothing_is_done_while_nobody_leaves(variants: list[Variant]) -> None:
    assert step(variants, set(), a=3, b=3) == Step()
