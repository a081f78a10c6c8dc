"""What AWS or somebody else does to a rollout in the middle of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.interference import burning, denied, raise_alarm, throttled, without_alarm
from tests.e2e.rest import Rest
from tests.e2e.world import World
from tidegate_cli.operator.ledger import Run

pytestmark = pytest.mark.e2e


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarmed:
    """A rollout whose alarm rose while its endpoint was updating, and the endpoint at rest around it."""

    before: Rest
    status_then: str
    run: Run
    after: Rest


@pytest.fixture(scope="module")
def alarmed(world: World) -> Iterator[Alarmed]:
    before, package = world.require_rest(), world.in_first_step()
    # A scaler that keeps changing its mind until the rollback has been asked for.
    world.ask_for_instances(2)
    status = world.stage.endpoint().status
    raise_alarm(world, "OK", "ALARM")
    wanted = 2

    def requested() -> bool:
        nonlocal wanted
        run = world.run(package)
        if run is not None and run.first("ROLLBACK_REQUESTED") is not None:
            return True
        if world.stage.endpoint().status == "InService":
            wanted = 5 - wanted
            world.ask_for_instances(wanted)
        return False

    world.wait_until("the rollback is requested", requested)
    run = world.wait_for(package, "ENDED")
    after = world.require_rest()
    yield Alarmed(before=before, status_then=status, run=run, after=after)
    world.set_instances(1)


def test_an_alarm_while_the_endpoint_is_updating_is_refused_until_it_is_in_service_and_the_seconds_are_told(
    alarmed: Alarmed, timed: Callable[[Run], None]
) -> None:
    requested, zero = alarmed.run.first("ROLLBACK_REQUESTED"), alarmed.run.first("WEIGHT_ZERO")
    assert requested is not None
    assert zero is not None
    assert (alarmed.status_then, requested.body["source"]) == ("Updating", "alarm")
    refused, accepted = zero.body["seconds_refused"], zero.body["seconds_since_accepted"]
    assert refused > 0
    assert zero.body["seconds_since_request"] >= refused + accepted
    assert alarmed.run.status == "ROLLED_BACK"
    timed(alarmed.run)


def test_a_count_that_the_scaler_changed_during_the_step_survives_the_rollback(alarmed: Alarmed) -> None:
    assert alarmed.before.instances == 1
    assert alarmed.after.instances in (2, 3)
    assert alarmed.after.version == alarmed.before.version


def test_an_update_that_the_role_may_not_make_ends_the_rollout_before_anything_changes(world: World) -> None:
    before = world.require_rest()
    with denied(world, "prepare", "sagemaker:UpdateEndpoint"):
        run = world.wait_for(world.roll_out(), "ENDED")
    assert run.status == "ROLLED_BACK"
    assert run.body["reason"].startswith("Denied: ")
    assert run.first("PREPARED") is None
    assert world.require_rest() == before


def test_a_permission_that_only_the_rollback_needs_is_missed_before_anything_changes(world: World) -> None:
    before = world.require_rest()
    with denied(world, "roll_back", "ssm:PutParameter"):
        run = world.wait_for(world.roll_out(), "ENDED")
    assert run.status == "ROLLED_BACK"
    assert "a rollback may not do ssm:PutParameter" in run.body["reason"]
    assert run.first("PREPARED") is None
    assert world.require_rest() == before


def test_rejects_a_rollout_without_one_of_its_alarms(world: World) -> None:
    before = world.require_rest()
    with without_alarm(world, "candidate-5xx"):
        run = world.wait_for(world.roll_out(), "ENDED")
    assert run.status == "ROLLED_BACK"
    assert run.body["reason"].startswith("AlarmMissing: ")
    assert run.body["reason"].endswith(f"there is no alarm {world.endpoint}-candidate-5xx")
    assert world.require_rest() == before


def test_rejects_a_rollout_while_an_alarm_of_live_burns(world: World) -> None:
    before = world.require_rest()
    with burning(world, "live-5xx"):
        run = world.wait_for(world.roll_out(), "ENDED")
    assert run.status == "ROLLED_BACK"
    assert f"alarm {world.endpoint}-live-5xx" in run.body["reason"]
    assert world.require_rest() == before


def test_weights_that_somebody_else_changes_stop_the_rollout(world: World) -> None:
    before, package = world.require_rest(), world.in_first_step()
    world.stage.aws.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=world.endpoint,
        DesiredWeightsAndCapacities=[
            {"VariantName": "live", "DesiredWeight": 10},
            {"VariantName": "candidate", "DesiredWeight": 90},
        ],
    )
    run = world.wait_for(package, "ENDED")
    assert run.status == "ROLLED_BACK"
    assert run.body["reason"].startswith("UnexpectedConfig: the candidate's share must be 50 %")
    assert world.require_rest() == before


def test_a_rollback_takes_traffic_and_configuration_back_without_ledger_scaling_and_state_machines(
    world: World,
) -> None:
    before, package = world.require_rest(), world.in_first_step()
    run = world.run(package)
    assert run is not None
    with denied(world, "roll_back", "dynamodb:*", "states:*", "application-autoscaling:*", "logs:*"):
        world.tidegate("abort", "--reason", "all is dark", "--no-wait")
        world.wait_until("the candidate is gone", lambda: set(world.stage.endpoint().variants) == {"live"})
        world.wait_until("in service", lambda: world.stage.endpoint().status == "InService")
        assert world.stage.endpoint().config_name.casefold() == world.stack_config()
        held = world.run(package)
        assert held is not None
        assert held.status == "RUNNING"
    ended = world.wait_for(package, "ENDED")
    assert ended.status == "ROLLED_BACK"
    assert world.require_rest() == before


def test_a_rollback_whose_function_is_throttled_is_tried_until_it_runs(world: World) -> None:
    before, package = world.require_rest(), world.in_first_step()
    with throttled(world, "roll_back"):
        world.tidegate("abort", "--reason", "too many requests", "--no-wait")
        begin = world.stage.cloud.now()
        world.wait_until("two minutes", lambda: world.stage.cloud.now() > begin + 120)
        held = world.run(package)
        assert held is not None
        assert (held.status, held.first("ROLLBACK_REQUESTED")) == ("RUNNING", None)
        assert world.stage.endpoint().candidate_weight > 0
    run = world.wait_for(package, "ENDED")
    assert (run.status, run.body["reason"]) == ("ROLLED_BACK", "too many requests")
    assert world.require_rest() == before
