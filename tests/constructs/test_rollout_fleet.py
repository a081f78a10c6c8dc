import pytest

from tidegate import DeclaredTraffic, RolloutPlan
from tidegate.rollout_fleet import RolloutFleet
from tidegate.rollout_forecast import forecast

EXPECTED = forecast(
    RolloutPlan.stepped(percents=(10, 100), bake_seconds=600),
    DeclaredTraffic(requests_per_second=50, base_error_rate=0.005),
)


def test_the_peak_is_twice_live_and_the_candidate() -> None:
    assert RolloutFleet(live_instances=3, candidate_instances=2).peak == 8


def test_a_shadow_and_its_candidate_run_beside_each_other_while_one_becomes_the_other() -> None:
    assert RolloutFleet(live_instances=4, candidate_instances=2, shadow=True).peak == 12
    assert RolloutFleet(live_instances=1, candidate_instances=4, shadow=True).peak == 12


def test_live_grows_to_the_candidate_before_it_is_deployed_anew() -> None:
    assert RolloutFleet(live_instances=1, candidate_instances=4).peak == 12


def test_the_candidate_runs_through_all_steps() -> None:
    least, planned, most = RolloutFleet(live_instances=2, candidate_instances=2).added_hours(EXPECTED)
    assert least == pytest.approx(2 * 2 * (600 + 60) / 3600)
    assert planned == pytest.approx(2 * 2 * (600 + 90) / 3600)
    assert most == pytest.approx(2 * 2 * (3600 + 120) / 3600)


def test_what_live_has_more_is_counted_under_watch() -> None:
    same = RolloutFleet(live_instances=4, candidate_instances=4).added_hours(EXPECTED)
    more = RolloutFleet(live_instances=1, candidate_instances=4).added_hours(EXPECTED)
    assert more[0] - same[0] == pytest.approx(3 * (600 + 60) / 3600)


def test_there_is_no_cost_without_a_price() -> None:
    assert RolloutFleet(live_instances=1, candidate_instances=1).added_cost(EXPECTED) is None
    priced = RolloutFleet(live_instances=2, candidate_instances=2, price_per_hour=0.5)
    assert priced.added_cost(EXPECTED) == pytest.approx([0.5 * h for h in priced.added_hours(EXPECTED)])


@pytest.mark.parametrize(("quota", "fits"), [(None, None), (5, False), (6, True)])
def test_a_quota_holds_the_peak_or_does_not(quota: int | None, fits: bool | None) -> None:
    fleet = RolloutFleet(live_instances=2, candidate_instances=2, instance_type="ml.m5.large", quota=quota)
    assert fleet.fits is fits
    assert fleet.quota_name == "ml.m5.large for endpoint usage"


def test_rejects_fleets_that_cannot_be() -> None:
    with pytest.raises(
        ValueError,
        match=r"live_instances must be at least 1, got 0; candidate_instances .*; price_per_hour must be",
    ):
        RolloutFleet(live_instances=0, candidate_instances=-1, price_per_hour=0)
