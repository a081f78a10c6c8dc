"""What people decide, or do not: a live version that is rejected, and a rollout that waits for them."""

from dataclasses import replace

import pytest

from tests.e2e.people import People
from tests.e2e.planned import plan
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

_WAIT_SECONDS = 180.0
"""Two hours of waiting are a minute of the tests."""


def test_the_last_good_version_answers_again_when_the_live_one_is_rejected(quick: World) -> None:
    people = People.of(quick)
    good = plan(quick, "patient")
    with quick.traffic() as traffic:
        rejected = quick.roll_out()
        promoted = quick.wait_for(rejected, "ENDED")
        assert promoted.status == "PROMOTED"
        assert quick.require_rest().package == rejected
        quick.reject(rejected)
        quick.wait_until("the way back", lambda: _instead_of(quick, good.package) == rejected)
        back = quick.wait_for(good.package, "ENDED")
    assert back.status == "PROMOTED"
    assert back.first("SHIFTED") is None
    assert quick.require_rest() == replace(good, instances=quick.require_rest().instances)
    assert set(traffic.answers) == {"OK"}
    live = f"the live version {rejected.rpartition('/')[2]} was rejected"
    assert people.told(f"{quick.endpoint}: {live}", "is put back"), people.messages


def test_a_rollout_that_nobody_decides_about_is_reminded_of_and_taken_back_at_its_deadline(
    quick: World,
) -> None:
    people = People.of(quick)
    before = plan(quick, "patient")
    package = quick.roll_out()
    quick.wait_until("it needs a human", lambda: _is(quick, package, "NEEDS_HUMAN"))
    assert set(quick.stage.endpoint().variants) == {"live", "candidate"}
    quick.wait_until("it is taken back", lambda: _is(quick, package, "ROLLED_BACK"), seconds=_WAIT_SECONDS)
    run = quick.run(package)
    assert run is not None
    requested = run.last("ROLLBACK_REQUESTED")
    assert requested is not None
    assert requested.body["source"] == "deadline"
    assert requested.body["reason"].startswith("nobody decided within 2 h")
    assert quick.require_rest() == before
    version = f"version {package.rpartition('/')[2]}"
    for subject in ("NEEDS_HUMAN", "still NEEDS_HUMAN after", "ROLLED_BACK"):
        assert people.told(f"{quick.endpoint}: {version} {subject}", package), (subject, people.messages)


def _is(world: World, package: str, status: str) -> bool:
    """Tell whether a rollout has come to this, and has given the lease back."""
    run = world.run(package)
    return run is not None and run.status == status and world.lease() is None


def _instead_of(world: World, package: str) -> str | None:
    run = world.run(package)
    return None if run is None else run.body.get("instead_of")
