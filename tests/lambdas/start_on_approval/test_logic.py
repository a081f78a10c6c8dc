"""Which registry events start a rollout."""

from typing import Any

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import GROUP, package
from tidegate_runtime.approval import rollout_id_of


def event(**detail: Any) -> dict[str, Any]:
    usual = {
        "ModelPackageGroupName": GROUP,
        "ModelPackageVersion": 2,
        "ModelPackageArn": package(2),
        "ModelApprovalStatus": "Approved",
    }
    return {
        "detail-type": "SageMaker Model Package State Change",
        "time": "2026-11-21T05:01:02Z",
        "detail": usual | detail,
    }


def send(service: Service, sent: dict[str, Any]) -> dict[str, Any]:
    return service.registry_event()(sent)


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({"ModelApprovalStatus": "Rejected"}, "status is Rejected: nothing of this version is in flight"),
        ({"ModelApprovalStatus": "PendingManualApproval"}, "status is PendingManualApproval"),
        ({"ModelPackageGroupName": "other"}, f"group other is not {GROUP}"),
    ],
)
def test_rejects_what_is_no_approval_of_this_service(detail: dict[str, Any], reason: str) -> None:
    service = Service()
    assert send(service, event(**detail)) == {"started": False, "reason": reason}
    assert service.executions.inputs == {}


def test_the_id_is_made_of_version_and_time() -> None:
    assert rollout_id_of(event()) == "v2-20261121T050102Z"


def test_the_version_is_read_from_the_arn_when_the_event_does_not_name_it() -> None:
    assert rollout_id_of(event(ModelPackageVersion=None)).startswith("v2-")
