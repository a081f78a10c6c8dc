"""Ten rollouts in a row: canary after canary, rollbacks between, approvals that wait, second thoughts."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from tests.e2e.interference import raise_alarm
from tests.e2e.rest import Rest
from tests.e2e.world import World
from tidegate_cli.operator.ledger import Run

pytestmark = pytest.mark.e2e


@dataclass(slots=True, kw_only=True)
class Row:
    """The rollouts in their order, and the endpoint at rest: before the first, and after each.

    Attributes:
        rests: One more than rollouts; None where the next one started at once.
        runs: The rollouts.
        waiting: The approval that waited, while it did.
        others: Approvals that waited and were never rolled out.

    """

    rests: list[Rest | None]
    runs: list[Run] = field(default_factory=list)
    waiting: list[Run] = field(default_factory=list)
    others: list[Run] = field(default_factory=list)

    def ended(self, world: World, package: str) -> None:
        """Wait for a rollout's end, and note it."""
        self.runs.append(world.wait_for(package, "ENDED"))
        self.rests.append(world.require_rest())


@pytest.fixture(scope="module")
def row(quick: World) -> Row:
    row = Row(rests=[quick.require_rest()])
    with quick.traffic():
        for loads in (True, True, False, True):
            row.ended(quick, quick.roll_out(loads=loads))
    _approve_two_more(quick, row)
    _reject_and_approve_again(quick, row)
    _raise_the_alarm_while_preparing(quick, row)
    with quick.traffic():
        row.ended(quick, quick.roll_out())
    return row


def _approve_two_more(world: World, row: Row) -> None:
    """Approve two versions and reject a third, all while one is in its first step; nobody starts any."""
    first = world.in_first_step()
    passed_over = world.roll_out()
    world.wait_until("the first waits", lambda: _status(world, passed_over) == "QUEUED")
    waits = world.roll_out()
    row.others.append(world.wait_for(passed_over, "ENDED"))
    waiting = world.run(waits)
    assert waiting is not None
    row.waiting.append(waiting)
    with world.traffic():
        row.runs.append(world.wait_for(first, "ENDED"))
        world.wait_for(waits, "ENDED")
    row.rests.append(None)
    row.ended(world, waits)


def _reject_and_approve_again(world: World, row: Row) -> None:
    package = world.in_first_step()
    world.reject(package)
    row.ended(world, package)
    before = row.runs[-1].rollout_id
    world.registry.approve(package)
    with world.traffic():
        world.wait_until("it starts again", lambda: _id(world, package) != before)
        row.ended(world, package)


def _raise_the_alarm_while_preparing(world: World, row: Row) -> None:
    package = world.roll_out()
    world.wait_until("the candidate comes", lambda: _phase(world, package) == "PREPARING")
    world.wait_until("the endpoint is updating", lambda: world.stage.endpoint().status == "Updating")
    raise_alarm(world, "OK", "ALARM")
    row.ended(world, package)


def _status(world: World, package: str) -> str:
    run = world.run(package)
    return run.status if run else ""


def _id(world: World, package: str) -> str:
    run = world.run(package)
    return run.rollout_id if run else ""


def _phase(world: World, package: str) -> str:
    run = world.run(package)
    return str(run.body.get("phase")) if run else ""


def test_ten_rollouts_in_a_row_end_as_they_should(row: Row) -> None:
    good, bad = "PROMOTED", "ROLLED_BACK"
    assert [run.status for run in row.runs] == [good, good, bad, good, good, good, bad, good, bad, good]


def test_each_rollout_starts_from_the_version_that_was_promoted_last(row: Row) -> None:
    first, last = row.rests[0], row.rests[-1]
    assert first is not None
    assert last is not None
    live = first.package
    for run in row.runs:
        assert run.body["baseline"]["package_arn"] == live
        live = run.body["package_arn"] if run.status == "PROMOTED" else live
    assert last.package == live


def test_a_promoted_version_answers_until_the_next_one_is_promoted(row: Row) -> None:
    for run, (before, after) in zip(row.runs, pairwise(row.rests), strict=True):
        if before is None or after is None:
            continue
        if run.status == "ROLLED_BACK":
            assert after == before
        else:
            assert after.version != before.version
            assert (after.instances, after.scaling) == (before.instances, before.scaling)


def test_the_second_approval_waits_and_starts_by_itself_when_the_first_rollout_has_ended(row: Row) -> None:
    (waiting,), first, second = row.waiting, row.runs[4], row.runs[5]
    assert waiting.status == "QUEUED"
    assert second.rollout_id == waiting.rollout_id
    started, ended = second.log[0].at, first.ended_at
    assert ended is not None
    assert started >= ended


def test_of_two_approvals_that_wait_the_later_one_is_rolled_out(row: Row) -> None:
    (passed_over,), (waiting,) = row.others, row.waiting
    assert passed_over.status == "SUPERSEDED"
    assert passed_over.body["reason"] == f"{waiting.rollout_id} was approved later"


def test_a_version_that_is_rejected_while_it_is_rolled_out_goes_back_and_may_be_approved_again(
    row: Row,
) -> None:
    rejected, again = row.runs[6], row.runs[7]
    assert rejected.body["package_arn"] == again.body["package_arn"]
    assert rejected.body["reason"] == "the version was rejected in the registry"
    requested = rejected.first("ROLLBACK_REQUESTED")
    assert requested is not None
    assert requested.body["source"] == "rejected"


def test_an_alarm_while_the_candidate_is_coming_waits_for_the_endpoint_and_no_traffic_ever_moves(
    row: Row,
) -> None:
    alarmed = row.runs[8]
    requested, cleaned = alarmed.first("ROLLBACK_REQUESTED"), alarmed.first("CLEANED_UP")
    assert requested is not None
    assert cleaned is not None
    assert requested.body["source"] == "alarm"
    assert alarmed.first("SHIFTED") is None
    assert alarmed.first("WEIGHT_ZERO") is not None
