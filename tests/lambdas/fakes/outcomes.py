"""What a rollout has come to."""

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import package
from tidegate_runtime.ports import CANDIDATE, LIVE
from tidegate_runtime.state import Suspended

V2 = "v2-20261121T050102Z"


def outcome(service: Service, rollout_id: str = V2) -> str:
    return service.ledger.runs[rollout_id].status


def assert_back_on_baseline(service: Service) -> None:
    view = service.endpoint.view()
    assert (view.status, view.config_name) == ("InService", service.stack.config)
    assert service.endpoint.served_by(LIVE) == package(1)
    assert view.variant(CANDIDATE) is None
    assert service.pointer.value == service.stack.package == package(1)
    assert service.ledger.held is None
    assert service.scaling.state in (Suspended(), None)


def rolled_back(service: Service) -> Service:
    service.approve(2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    return service
