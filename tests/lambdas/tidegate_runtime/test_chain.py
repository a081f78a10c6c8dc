"""Names of a rollout's executions, and which of them it is in."""

from tests.lambdas.fakes.cloud import FakeExecutions
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.world import World
from tidegate_runtime.chain import latest, link_name, possible_names, rollout_of
from tidegate_runtime.ports import Execution

V2 = "v2-20261121T050102Z"


def chained(*statuses: str) -> FakeExecutions:
    """Return executions of one rollout, all but the last of them CHAINED."""
    executions = FakeExecutions(World())
    for number, status in enumerate(statuses, start=1):
        outcome = "CHAINED" if number < len(statuses) else "PROMOTED"
        output = {"outcome": outcome} if status == "SUCCEEDED" else {}
        executions.views[OUT, link_name(V2, number)] = Execution(status=status, output=output)
    return executions


def test_the_first_execution_has_the_rollouts_name_and_each_name_leads_back_to_it() -> None:
    assert [link_name(V2, link) for link in (1, 2, 31)] == [V2, f"{V2}-c2", f"{V2}-c31"]
    assert {rollout_of(link_name(V2, link)) for link in (1, 2, 31)} == {V2}


def test_the_longest_name_of_a_rollout_leaves_room_for_the_number() -> None:
    assert len(link_name("v" * 70, 9_999)) <= 80


def test_the_execution_that_a_rollout_is_in_is_found_from_any_record() -> None:
    executions = chained("SUCCEEDED", "SUCCEEDED", "RUNNING")
    found = [latest(executions, OUT, rollout_id=V2, known=known) for known in (1, 2, 3)]
    assert [one.status for one in found if one is not None] == ["RUNNING"] * 3


def test_a_record_that_is_ahead_of_the_start_finds_the_execution_before() -> None:
    found = latest(chained("RUNNING"), OUT, rollout_id=V2, known=2)
    assert found is not None
    assert found.status == "RUNNING"


def test_a_lost_execution_is_none() -> None:
    executions = chained("SUCCEEDED", "RUNNING")
    del executions.views[OUT, f"{V2}-c2"]
    assert latest(executions, OUT, rollout_id=V2, known=2) is None


def test_what_is_stopped_is_the_known_execution_and_its_neighbours() -> None:
    assert possible_names(V2, known=1) == [V2, f"{V2}-c2"]
    assert possible_names(V2, known=3) == [f"{V2}-c2", f"{V2}-c3", f"{V2}-c4"]
