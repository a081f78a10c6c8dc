"""A rollout that one execution cannot hold: it goes on in the next, and whoever looks for it finds it."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.world import package
from tidegate_runtime.journal import Journal
from tidegate_runtime.ports import Execution
from tidegate_runtime.state import RunState


def chaining(*, looks: int = 3, bake: int = 360) -> Service:
    """Return a service whose executions hold few looks."""
    service = Service()
    plan = service.plan
    steps = tuple(replace(step, min_bake_seconds=bake, max_bake_seconds=6 * bake) for step in plan.steps)
    service.plan = replace(plan, steps=steps, looks_per_execution=looks)
    return service.deployed()


def names(service: Service) -> list[str]:
    """Return the names of the rollout's executions in the order of their starts."""
    return [name for machine, name in service.executions.inputs if machine == OUT]


def in_link(number: int) -> Service:
    """Return a service whose rollout is in its n-th execution."""
    service = chaining()
    service.approve(2)
    service.run(until=lambda: len(names(service)) == number)
    service.run(seconds=1)
    return service


def test_a_long_rollout_goes_on_in_further_executions_and_is_promoted_once() -> None:
    service = chaining()
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    assert names(service)[:3] == [V2, f"{V2}-c2", f"{V2}-c3"]
    ends = [service.executions.views[OUT, name].output["outcome"] for name in names(service)]
    assert ends == [*["CHAINED"] * (len(ends) - 1), "PROMOTED"]
    assert len(service.events.published) == 1
    assert service.ledger.held is None


def test_a_chain_decides_what_one_execution_decides_at_the_same_moments() -> None:
    def judged(service: Service) -> list[tuple[float, str, int]]:
        service.approve(2)
        service.run()
        return [(body["at"], body["verdict"], body["step"]) for body in service.ledger.bodies("JUDGED")]

    assert judged(chaining()) == judged(chaining(looks=2_000))


def test_a_bad_version_is_rolled_back_out_of_any_execution() -> None:
    service = in_link(3)
    service.metrics.rates[package(2)] = 0.3
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    assert [name for machine, name in service.executions.inputs if machine == BACK] == [f"rb-{V2}"]


def test_an_operator_stops_the_execution_that_the_rollout_is_in() -> None:
    service = in_link(3)
    service.abort(V2)
    service.run()
    assert service.executions.views[OUT, f"{V2}-c3"].status == "ABORTED"
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


@pytest.mark.parametrize("lost", [False, True], ids=["its event arrives", "its event is lost"])
def test_an_execution_of_a_chain_that_breaks_is_rolled_back(*, lost: bool) -> None:
    service = in_link(2)
    service.events_are_lost = lost
    service.executions.views[OUT, f"{V2}-c2"] = Execution(status="TIMED_OUT")
    service.run(seconds=60)
    service.tick()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_an_execution_that_breaks_after_it_has_started_the_next_is_rolled_back_with_it() -> None:
    service = in_link(2)
    service.executions.views[OUT, V2] = Execution(status="ABORTED")
    service.tick()
    service.run()
    assert service.executions.views[OUT, f"{V2}-c2"].status in ("ABORTED", "FAILED")
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_a_lost_execution_is_found_by_the_watchdog() -> None:
    service = in_link(2)
    key = (OUT, f"{V2}-c2")
    del service.executions.inputs[key], service.executions.views[key], service.running[key]
    service.tick()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_the_watchdog_leaves_a_chain_alone() -> None:
    service = chaining()
    service.approve(2)
    while outcome_or_none(service) != "PROMOTED":
        service.run(seconds=50)
        service.world.time += 10
        service.tick()
    assert all(machine == OUT for machine, _ in service.executions.inputs)


def test_a_next_execution_that_was_started_before_is_not_started_twice() -> None:
    service = chaining()
    service.approve(2)
    service.run(until=lambda: _looks(service) == 2)
    state = next(iter(service.running.values())).state
    service.executions.begin(OUT, name=f"{V2}-c2", document={**state, "looks": 0, "link": 2})
    service.run()
    assert outcome(service) == "PROMOTED"
    assert names(service).count(f"{V2}-c2") == 1
    assert service.executions.views[OUT, V2].output["outcome"] == "CHAINED"


def test_the_look_that_chains_answers_the_same_when_it_runs_again() -> None:
    service = chaining(looks=1)
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    raw = next(iter(service.running.values())).state
    first = service.call("judge", raw)
    assert (first["status"], first["link"], first["looks"]) == ("CHAIN", 2, 0)
    assert service.call("judge", raw) == first


def test_without_a_ledger_the_rollout_stays_in_its_execution() -> None:
    service = in_link(2)
    service.world.faults.down.add("dynamodb")
    raw = {**next(iter(service.running.values())).state, "looks": 50}
    assert service.call("judge", raw)["status"] == "CONTINUE"


def test_a_rollout_that_is_being_rolled_back_starts_no_further_execution() -> None:
    service = chaining(looks=1)
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    Journal(ledger=service.ledger, clock=service.world, rollout_id=V2).mark("ROLLING_BACK")
    service.run()
    assert names(service) == [V2]


def test_an_alarm_without_a_ledger_finds_the_rollout_behind_the_execution() -> None:
    service = in_link(3)
    service.world.faults.down.add("dynamodb")
    service.alarm()
    assert (BACK, f"rb-{V2}") in service.executions.inputs
    service.run(seconds=600)
    assert service.endpoint.share() == 0
    service.world.faults.down.clear()
    service.run()
    service.tick()
    assert_back_on_baseline(service)


def test_the_state_of_a_fresh_rollout_is_in_its_first_execution() -> None:
    state = RunState(rollout_id=V2, model_package_arn=package(2))
    assert (state.link, state.looks) == (1, 0)


def _looks(service: Service) -> int:
    states = [running.state for running in service.running.values()]
    return int(states[0].get("looks", 0)) if states else 0


def outcome_or_none(service: Service) -> str:
    run = service.ledger.runs.get(V2)
    return run.status if run is not None else ""
