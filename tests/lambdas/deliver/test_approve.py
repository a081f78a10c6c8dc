"""An approval of a pipeline names who has approved, and starts one rollout."""

from tests.lambdas.fakes.delivery import DeliveryWorld
from tidegate_runtime.delivery_ports import Decision
from tidegate_runtime.errors import Rejected
from tidegate_runtime.versions import APPROVED, APPROVED_IN, PENDING

ADA = "arn:aws:sts::999999999999:assumed-role/approver/ada"


def pending() -> tuple[DeliveryWorld, str]:
    world = DeliveryWorld("staging")
    world.born("staging")
    return world, world.add("staging", approval=PENDING).arn


def test_the_description_names_the_person_the_stage_the_execution_and_the_comment() -> None:
    world, package = pending()
    world.approvals.decision = Decision(by=ADA, comment="looks\ngood", stage="production")
    told = world.run("approve", "staging", package=package, pipeline="digits-model", asked="production")
    version = world.versions.versions[package]
    assert version.approval == APPROVED
    assert version.approval_note == (
        f"Approved by {ADA} in stage production of pipeline digits-model, execution e1: looks good"
    )
    assert version.metadata[APPROVED_IN] == "e1"
    assert told.summary.startswith("digits-staging/2: Approved by arn:aws:sts::999999999999")


def test_a_pipeline_without_a_manual_approval_says_that_nobody_was_asked() -> None:
    world, package = pending()
    world.run("approve", "staging", package=package, pipeline="digits-model")
    note = world.versions.versions[package].approval_note
    assert note == "Approved by pipeline digits-model, execution e1, which has asked no person"


def test_an_approver_who_cannot_be_asked_for_stops_no_approval() -> None:
    world, package = pending()
    world.world.faults.before["codepipeline_approvals.newest"] = [Rejected("not here")]
    told = world.run("approve", "staging", package=package, pipeline="digits-model", asked="production")
    assert told.kind == "done"
    assert "by a person whom CodePipeline has not told" in told.summary


def test_a_second_call_while_the_rollout_is_to_come_or_under_way_starts_no_second_one() -> None:
    world, package = pending()
    world.run("approve", "staging", package=package)
    assert "not yet rolled out" in world.run("approve", "staging", package=package).summary
    world.pass_time()
    assert "is under way" in world.run("approve", "staging", package=package).summary
    world.settle()
    assert "live already" in world.run("approve", "staging", package=package).summary
    world.settle()
    assert len(world.environments["staging"].of("2")) == 1


def test_rejects_a_version_that_was_rejected_and_names_by_whom() -> None:
    world, package = pending()
    world.versions.change(package, "Rejected", by="bob")
    told = world.run("approve", "staging", package=package)
    assert told.summary == "digits-staging/2 was rejected by bob: a pipeline approves no rejected version"


def test_rejects_a_version_of_another_group() -> None:
    world = DeliveryWorld("dev", "staging")
    told = world.run("approve", "staging", package=world.add("dev").arn)
    assert told.summary == "digits-dev/1 is no version of digits-staging: its approval starts nothing there"
