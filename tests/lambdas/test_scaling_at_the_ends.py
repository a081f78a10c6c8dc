"""Stacks that begin, end, or have gone on: guard and attachment where there is little or nothing to do."""

from typing import Any

import pytest

from tests.lambdas.fakes.attachments import scaled
from tests.lambdas.fakes.deploys import HostingDeploys, Template

SMALL = "ml.m5.large"
TEMPLATE = Template(types={"live": SMALL}, scaling={"live": scaled()})
OTHER = Template(types={"live": "ml.c5.xlarge"}, scaling={"live": scaled("ml.c5.xlarge")})


def create(step: str, template: Template = TEMPLATE) -> dict[str, Any]:
    return {"RequestType": "Create", "ResourceProperties": template.properties(step)}


def delete(step: str, template: Template = TEMPLATE) -> dict[str, Any]:
    return {"RequestType": "Delete", "ResourceProperties": template.properties(step)}


def test_the_guard_of_a_new_stack_finds_no_endpoint_and_lets_it_be_made() -> None:
    deploys = HostingDeploys()
    deploys.stack.status = "CREATE_IN_PROGRESS"
    assert deploys.guard.refusal(create("guard")) is None
    assert deploys.record.text is None


def test_a_new_stack_is_attached_as_declared() -> None:
    deploys = HostingDeploys()
    deploys.stack.status = "CREATE_IN_PROGRESS"
    deploys.endpoint.types = dict(TEMPLATE.types)
    assert deploys.attach.refusal(create("attach")) is None
    assert set(deploys.attachments.targets) == {"live"}


def test_rejects_to_attach_to_a_variant_on_another_instance_type() -> None:
    deploys = HostingDeploys()
    deploys.stack.status = "CREATE_IN_PROGRESS"
    deploys.endpoint.types = {"live": SMALL}
    refusal = deploys.attach.refusal(create("attach", OTHER))
    assert refusal == f"variant live must be on ml.c5.xlarge to be scaled, it is {SMALL}"
    assert deploys.attachments.targets == {}


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_deleting_the_attachment_leaves_nothing_behind(status: str) -> None:
    deploys = HostingDeploys(TEMPLATE)
    deploys.stack.status = status
    assert deploys.attach.refusal(delete("attach")) is None
    assert (deploys.attachments.targets, deploys.attachments.alarms) == ({}, {})
    deploys.stack.status = "UPDATE_COMPLETE"
    assert deploys.tick() == []
    assert deploys.record.text is None


@pytest.mark.parametrize("down", ["", "scaling", "dynamodb", "sagemaker"])
def test_deleting_succeeds_without_an_endpoint_and_without_a_service(down: str) -> None:
    deploys = HostingDeploys(TEMPLATE)
    deploys.stack.status, deploys.endpoint.types = "DELETE_IN_PROGRESS", {}
    deploys.world.faults.down = {down}
    assert deploys.attach.refusal(delete("attach")) is None
    assert deploys.guard.refusal(delete("guard")) is None


def test_the_record_of_a_stack_that_is_gone_is_cleared() -> None:
    deploys = HostingDeploys(TEMPLATE)
    deploys.record.write(TEMPLATE.scaling)
    deploys.attachments.targets.clear()
    deploys.stack.status, deploys.endpoint.types = "", {}
    assert deploys.tick() == []
    assert (deploys.record.text, deploys.attachments.targets) == (None, {})


def test_a_target_that_cloudformation_deletes_behind_the_attachment_is_put_back() -> None:
    # As when a stack moves from resources of its own to the attachment: they are deleted last.
    deploys = HostingDeploys()
    deploys.stack.status, deploys.endpoint.types = "UPDATE_IN_PROGRESS", {"live": SMALL}
    deploys.attach.refusal(create("attach"))
    deploys.attachments.targets.clear()
    deploys.stack.status = "UPDATE_COMPLETE"
    assert deploys.tick() == ["live"]
    assert set(deploys.attachments.targets) == {"live"}


def test_a_request_that_is_delivered_after_cloudformation_went_on_does_nothing() -> None:
    deploys = HostingDeploys(TEMPLATE)
    for function, step in ((deploys.guard.refusal, "guard"), (deploys.attach.refusal, "attach")):
        event = {
            "RequestType": "Update",
            "ResourceProperties": OTHER.properties(step),
            "OldResourceProperties": TEMPLATE.properties(step),
        }
        assert function(event) is None
    assert set(deploys.attachments.targets) == {"live"}
    assert deploys.record.text is None
