"""Baking ends after its minutes, or at once when an alarm goes off."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from deliver.bake import Bake
from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.alarm_ports import NamedAlarm
from tidegate_runtime.errors import RequestInvalid

QUIET = NamedAlarm(state="OK", reason="")


class Alarms(Port):
    """Alarms by name."""

    name = "cloudwatch"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.there: dict[str, NamedAlarm] = {"digits-live-5xx": QUIET, "digits-live-errors": QUIET}

    @call
    def find(self, names: Sequence[str]) -> Mapping[str, NamedAlarm]:
        return {name: self.there[name] for name in names if name in self.there}


def asked(watched: Alarms, *, token: Any = None, **parameters: Any) -> Outcome:
    given = {"minutes": 30, "alarms": ["digits-live-5xx", "digits-live-errors"], **parameters}
    request = Request(job_id="j", do="bake", parameters=given, token=token or {})
    return Bake(alarms=watched, clock=watched.world)(request)


def test_it_waits_for_its_minutes_and_not_longer() -> None:
    alarms = Alarms(World())
    outcome, began, token = asked(alarms), alarms.world.time, None
    while isinstance(outcome, Wait):
        token, alarms.world.time = outcome.token, alarms.world.time + 30
        outcome = asked(alarms, token=token)
    assert outcome == Done(summary="baked for 30 minutes; 2 alarms are quiet")
    assert alarms.world.time - began == 1800


def test_an_alarm_ends_it_early_with_its_name_and_reason() -> None:
    alarms = Alarms(World())
    first = asked(alarms)
    assert isinstance(first, Wait)
    assert first.summary == "30 of 30 minutes are left; 2 alarms are quiet"
    alarms.world.time += 600
    alarms.there["digits-live-5xx"] = NamedAlarm(state="ALARM", reason="3 datapoints were above 0.01")
    assert asked(alarms, token=first.token) == Failed(
        message="after 10 of 30 minutes of baking, in ALARM: digits-live-5xx (3 datapoints were above 0.01)"
    )


def test_an_alarm_in_the_last_moment_counts() -> None:
    alarms = Alarms(World())
    alarms.there["digits-live-5xx"] = NamedAlarm(state="ALARM", reason="late")
    assert isinstance(asked(alarms, token={"since": alarms.world.time - 10_000}), Failed)


def test_an_alarm_without_data_is_quiet() -> None:
    alarms = Alarms(World())
    alarms.there["digits-live-5xx"] = NamedAlarm(state="INSUFFICIENT_DATA", reason="")
    assert isinstance(asked(alarms), Wait)


def test_rejects_to_bake_under_an_alarm_that_is_not_there() -> None:
    outcome = asked(Alarms(World()), alarms=["gone", "digits-live-5xx"])
    assert isinstance(outcome, Failed)
    assert "there is no alarm gone: nobody would know" in outcome.message


@pytest.mark.parametrize("minutes", [0, -1, True, "30", None, 1440])
def test_rejects_minutes_that_are_none(minutes: Any) -> None:
    with pytest.raises(RequestInvalid, match="minutes above 0 and at most 1380"):
        asked(Alarms(World()), minutes=minutes)


@pytest.mark.parametrize("alarms", ["digits-live-5xx", [1], [""]])
def test_rejects_alarms_that_are_no_names(alarms: Any) -> None:
    with pytest.raises(RequestInvalid, match="list of names"):
        asked(Alarms(World()), alarms=alarms)
