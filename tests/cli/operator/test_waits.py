"""What a history says about gates and holds, and a status and an explanation about live and deploys."""

import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tests.cli.operator import recorded
from tests.lambdas.fakes.gated import MANUAL, at_the_gate, with_gates
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.plans import plan_with
from tidegate_cli.operator.explain_words import facts
from tidegate_cli.operator.history import PastRollout
from tidegate_cli.operator.history_view import history_parts
from tidegate_cli.operator.status import rollout_status
from tidegate_cli.operator.waits import Waits


def gated_and_held() -> Service:
    """Return a good version that waited an hour at its gate, and half of it held, and was promoted."""
    service = at_the_gate(with_gates(MANUAL, None))
    service.run(seconds=1_800)
    service.operate("hold", rollout_id=V2, seconds=1_800)
    service.run(seconds=1_800)
    service.operate("promote", rollout_id=V2)
    service.run()
    return service


def printed(past: PastRollout, *, width: int) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    for part in history_parts([past], width=width):
        console.print(part)
    return " ".join(console.export_text().split())


def test_what_a_rollout_has_waited_is_added_up_by_gates_and_holds() -> None:
    run = recorded.run_of(gated_and_held())
    assert run.status == "PROMOTED"
    waits = Waits.of(run)
    assert waits.gate_seconds == pytest.approx(3_600, abs=90)
    assert waits.held_seconds == 1_800
    assert waits.in_words() == "gates 60 min, held 30 min"


@pytest.mark.parametrize("width", [80, 200])
def test_a_history_tells_it_in_a_table_and_in_blocks(width: int) -> None:
    past = PastRollout.of(recorded.run_of(gated_and_held()))
    assert "gates 60 min, held 30 min" in printed(past, width=width)
    assert json.loads(json.dumps(past.to_json()))["waits"]["held_seconds"] == 1_800


@pytest.mark.parametrize("width", [80, 200])
def test_a_history_without_any_wait_says_nothing_about_waits(width: int) -> None:
    assert "waited" not in printed(PastRollout.of(recorded.run_of(recorded.failed())), width=width)


def test_a_rollout_that_stands_at_its_gate_has_waited_until_its_newest_entry() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.run(seconds=1_800)
    run = recorded.run_of(service)
    (closed,) = [entry for entry in run.log if entry.kind == "GATE_CLOSED"]
    assert Waits.of(run).gate_seconds == run.log[-1].at - closed.at > 1_000


def noted(service: Service, **fields: Any) -> Any:
    run = service.ledger.runs[V2]
    service.ledger.runs[V2] = replace(run, body={**run.body, **fields})
    return recorded.run_of(service)


def test_what_live_was_like_when_the_traffic_went_back_to_it_is_told() -> None:
    run = noted(recorded.aborted(), live_trouble="alarm digits-live-5xx burns")
    told = ("live then", "the version before was in trouble too: alarm digits-live-5xx burns")
    assert told in list(facts(recorded.explained(run)))
    assert told in rollout_status(run, None, now=run.started_at).remarks.rows()


def test_a_decision_that_a_deploy_has_taken_is_told_and_nobody_is_asked_for_another_one() -> None:
    service = Service().deployed()
    service.plan, service.metrics.requests_per_second = plan_with(["asks_a_human"]), 0
    service.approve(2)
    service.run()
    waiting = recorded.run_of(service)
    run = noted(service, resolved_at=service.world.time)
    names = [name for name, _ in facts(recorded.explained(run))]
    assert waiting.status == run.status == "NEEDS_HUMAN"
    assert "what to do" in [name for name, _ in facts(recorded.explained(waiting))]
    assert ("resolved" in names, "what to do" in names) == (True, False)
    assert rollout_status(run, None, now=run.started_at).next == "nothing: a deploy has taken the decision"
