"""An approval, a second one during its rollout, a person's no, and a rejection: each goes its whole way."""

import pytest

from tests.e2e.delivery.decided import PROD, STAGING, Decided, Decision
from tidegate_cli.rehearsal_pipeline.executions import FAILED, SUCCEEDED, ActionTold

pytestmark = pytest.mark.e2e


def copy_of(decision: Decision) -> str:
    assert decision.copy is not None
    return str(decision.copy["ModelPackageArn"])


def actions(decision: Decision, stage: str) -> list[ActionTold]:
    return [action for action in decision.execution.actions if action.stage == stage]


def failure(decision: Decision) -> tuple[str, str]:
    assert decision.execution.failed is not None
    return decision.execution.failed.name, decision.execution.failed.told


@pytest.mark.parametrize("name", ["first", "second", "last"])
def test_an_approved_version_goes_through_its_rollout_in_each_environment(
    decided: Decided, name: str
) -> None:
    decision = decided.decisions[name]
    assert decision.execution.status == SUCCEEDED
    assert decision.prod is not None
    assert [run.status for run in (decision.staging, decision.prod)] == ["PROMOTED", "PROMOTED"]
    assert [copy["ModelApprovalStatus"] for copy in (decision.package, decision.copy or {})] == [
        "Approved",
        "Approved",
    ]


def test_an_approval_during_a_rollout_waits_for_its_end_and_then_goes_the_same_way(decided: Decided) -> None:
    first, second = decided.decisions["first"], decided.decisions["second"]
    assert decided.queued is not None
    assert decided.queued.status == "QUEUED"
    assert first.staging.ended_at is not None
    begun = second.staging.first("SHIFTED")
    assert begun is not None
    assert first.staging.ended_at <= begun.at
    for stage in ("staging", "production"):
        assert actions(first, stage)[-1].ended <= actions(second, stage)[0].began
    assert second.live == {
        STAGING: second.package["ModelPackageArn"],
        PROD: copy_of(second),
    }


def test_a_person_who_says_no_keeps_a_version_out_of_production(decided: Decided) -> None:
    second, unwanted = decided.decisions["second"], decided.decisions["unwanted"]
    assert unwanted.execution.status == FAILED
    assert "rejected by the rehearsal" in failure(unwanted)[1]
    assert "accuracy" in decided.asked[0]
    assert unwanted.prod is None
    assert unwanted.copy is not None
    assert unwanted.copy["ModelApprovalStatus"] == "PendingManualApproval"
    assert unwanted.live == {STAGING: unwanted.package["ModelPackageArn"], PROD: copy_of(second)}


def test_a_version_that_is_rejected_during_its_rollout_in_production_is_taken_back_there(
    decided: Decided,
) -> None:
    second, recalled = decided.decisions["second"], decided.decisions["recalled"]
    assert recalled.execution.status == FAILED
    assert recalled.copy is not None
    assert recalled.copy["ModelApprovalStatus"] == "Rejected"
    assert recalled.prod is not None
    assert recalled.prod.status == "ROLLED_BACK"
    name, told = failure(recalled)
    assert name == "prod-follow"
    assert told.startswith("ROLLED_BACK")
    assert "rejected" in told
    # Staging's policy for a live version that is rejected is to tell.
    assert recalled.live == {STAGING: recalled.package["ModelPackageArn"], PROD: copy_of(second)}


def test_the_next_approval_after_a_no_and_a_rejection_is_what_both_environments_serve(
    decided: Decided,
) -> None:
    last = decided.decisions["last"]
    assert last.live == {STAGING: last.package["ModelPackageArn"], PROD: copy_of(last)}


def test_no_caller_notices_any_of_it(decided: Decided) -> None:
    assert decided.failed == 0
    assert min(decided.sent[endpoint] for endpoint in (STAGING, PROD)) > 100
