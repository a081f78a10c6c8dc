"""The policy that asks a human, and what the human can do."""

from dataclasses import replace

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import package
from tidegate_runtime.ports import CANDIDATE

V2 = "v2-20261121T050102Z"


def waiting_for_a_human() -> Service:
    service = Service().deployed()
    service.plan = replace(service.plan, on_no_data="needs_human")
    service.metrics.requests_per_second = 0
    service.approve(2)
    service.run()
    return service


def test_weights_stay_and_the_lease_does_not() -> None:
    service = waiting_for_a_human()
    assert service.ledger.runs[V2].status == "NEEDS_HUMAN"
    assert service.endpoint.share() > 0
    assert service.ledger.held is None


def test_the_operator_can_still_roll_it_back() -> None:
    service = waiting_for_a_human()
    service.abort(V2)
    service.run()
    assert service.ledger.runs[V2].status == "ROLLED_BACK"
    assert service.endpoint.view().variant(CANDIDATE) is None
    assert service.endpoint.view().config_name == service.stack.config
    assert service.ledger.held is None


def test_a_deploy_is_another_way_out() -> None:
    service = waiting_for_a_human()
    service.stack.deploy(template_changes=True)
    service.world.time += 300
    service.stack.describe()
    assert service.stack.refusals == []
    assert service.endpoint.view().config_name == service.stack.config


def test_rejects_the_next_rollout_until_the_endpoint_is_the_stacks_again() -> None:
    service = waiting_for_a_human()
    service.approve(3)
    service.run()
    run = service.ledger.runs["v3-20261121T050102Z"]
    assert run.status == "ROLLED_BACK"
    assert "BaselineUnhealthy" in run.body["reason"]
    assert service.endpoint.served_by(CANDIDATE) == package(2)
