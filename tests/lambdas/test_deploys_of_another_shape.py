"""Deploys that change what SageMaker refuses to change under scaling: whatever fails, scaling comes back."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.lambdas.fakes.attachments import scaled
from tests.lambdas.fakes.deploys import STEPS, HostingDeploys, Template
from tidegate_runtime.attachment import Attachment
from tidegate_runtime.errors import Transient
from tidegate_runtime.ports import Run
from tidegate_runtime.state import Suspended

SMALL, LARGE = "ml.m5.large", "ml.c5.xlarge"
BEFORE = Template(
    types={"live": SMALL, "other": SMALL},
    scaling={"live": scaled(names=("track", "burst")), "other": scaled(variant="other")},
)
OTHER_TYPE = replace(
    BEFORE,
    types={"live": LARGE, "other": SMALL},
    scaling={**BEFORE.scaling, "live": scaled(LARGE, names=("track",))},
)
REMOVED = Template(types={"live": SMALL}, scaling={"live": BEFORE.scaling["live"]})
RENAMED = Template(
    types={"live": SMALL, "second": SMALL},
    scaling={"live": BEFORE.scaling["live"], "second": scaled(variant="second")},
)
UNSCALED = replace(OTHER_TYPE, scaling={})
SAME_SHAPE = replace(BEFORE, scaling={"live": scaled(names=("other",)), "other": BEFORE.scaling["other"]})
CHANGES = [OTHER_TYPE, REMOVED, RENAMED, UNSCALED, SAME_SHAPE]
Disturb = Callable[[HostingDeploys], None]


def attached(deploys: HostingDeploys) -> dict[str, Attachment]:
    """Return what is registered, without what is suspended."""
    found = deploys.attachments.registered(deploys.endpoint.types)
    return {name: replace(one, suspended=None) for name, one in found.items()}


def require_in_force(deploys: HostingDeploys, where: str = "") -> None:
    """Check that scaling is as the template in force says, and that nothing else is left."""
    assert deploys.endpoint.types == deploys.template.types, where
    assert attached(deploys) == deploys.template.scaling, where
    assert set(deploys.attachments.targets) == set(deploys.template.scaling), where
    alarms = {name for one in deploys.template.scaling.values() for name in one.alarm_names}
    assert set(deploys.attachments.alarms) == alarms, where
    assert deploys.record.text is None, where


def fails_at(step: str, *, backwards: bool = False) -> Disturb:
    def disturb(deploys: HostingDeploys) -> None:
        deploys.failing, deploys.backwards = step, backwards

    return disturb


NOTHING = fails_at("")


@pytest.mark.parametrize("wanted", CHANGES)
def test_a_change_of_the_shape_ends_with_the_scaling_of_the_new_template(wanted: Template) -> None:
    deploys = HostingDeploys(BEFORE)
    assert deploys.deploy(wanted) == "UPDATE_COMPLETE"
    assert attached(deploys) == wanted.scaling
    deploys.tick()
    require_in_force(deploys)


@pytest.mark.parametrize(
    ("wanted", "step"),
    # The guard is not called when the shape stays.
    [(one, step) for one in CHANGES for step in STEPS if (one, step) != (SAME_SHAPE, "guard")],
)
def test_a_deploy_that_fails_anywhere_ends_with_the_scaling_of_before(wanted: Template, step: str) -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = step
    assert deploys.deploy(wanted) == "UPDATE_ROLLBACK_COMPLETE"
    deploys.tick()
    require_in_force(deploys)


@pytest.mark.parametrize("retries", [True, False])
@pytest.mark.parametrize(
    "disturb", [NOTHING, fails_at("endpoint"), fails_at("other"), fails_at("other", backwards=True)]
)
@pytest.mark.parametrize("wanted", CHANGES)
def test_a_crash_behind_any_call_changes_nothing_about_the_end(
    wanted: Template, disturb: Disturb, retries: bool
) -> None:
    undisturbed = HostingDeploys(BEFORE)
    disturb(undisturbed)
    start = undisturbed.world.faults.calls
    undisturbed.deploy(wanted)
    undisturbed.tick()
    for number in range(start + 1, undisturbed.world.faults.calls + 1):
        deploys = HostingDeploys(BEFORE)
        disturb(deploys)
        deploys.retries, deploys.world.faults.crash_at = retries, number
        where = f"call {number}, {undisturbed.world.faults.log[number - 1]}"
        if deploys.deploy(wanted) == "UPDATE_ROLLBACK_FAILED":
            # Only a function that dies on the way back, and is not delivered again, can bar it.
            assert not retries, where
            continue
        deploys.tick()
        require_in_force(deploys, where)


def test_a_deploy_after_a_failed_one_that_nobody_has_restored_yet_succeeds() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = "endpoint"
    deploys.deploy(OTHER_TYPE)
    assert attached(deploys) == {"other": BEFORE.scaling["other"]}
    assert deploys.deploy(OTHER_TYPE) == "UPDATE_COMPLETE"
    deploys.tick()
    require_in_force(deploys)


def test_a_deploy_of_something_else_before_the_watchdog_came_leaves_the_record_to_it() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = "endpoint"
    deploys.deploy(OTHER_TYPE)
    assert deploys.deploy(BEFORE) == "UPDATE_COMPLETE"
    deploys.tick()
    require_in_force(deploys)


def test_only_what_must_go_is_detached() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = "guard"
    deploys.deploy(OTHER_TYPE)
    assert [name for name in deploys.world.faults.log if name.endswith("detach")] == ["scaling.detach"]
    assert set(attached(deploys)) == {"other"}


def test_rejects_to_detach_what_cannot_be_recorded() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.world.faults.before["dynamodb.write"] = [Transient("the ledger is down")]
    assert deploys.deploy(OTHER_TYPE) == "UPDATE_ROLLBACK_COMPLETE"
    assert "the ledger is down" in deploys.refusals[0]
    assert "scaling.detach" not in deploys.world.faults.log
    require_in_force(deploys)


@pytest.mark.parametrize("service", ["dynamodb", "scaling", "sagemaker", "cloudformation"])
def test_cloudformations_way_back_succeeds_whatever_is_down(service: str) -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    deploys.world.faults.down = {service}
    for function, step in ((deploys.guard.refusal, "guard"), (deploys.attach.refusal, "attach")):
        event = {
            "RequestType": "Update",
            "ResourceProperties": BEFORE.properties(step),
            "OldResourceProperties": OTHER_TYPE.properties(step),
        }
        assert function(event) is None


def test_a_promotion_asks_nobody_about_scaling() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.stack.status = "UPDATE_IN_PROGRESS"
    deploys.world.faults.down = {"scaling"}
    event = {"RequestType": "Update", "ResourceProperties": BEFORE.properties("guard")}
    assert deploys.guard.refusal(event) is None
    assert not [name for name in deploys.world.faults.log if name.endswith("registered")]


def test_what_a_person_suspended_stays_suspended_over_a_change_of_the_instance_type() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.attachments.suspend("live", Suspended(scale_out=True))
    deploys.deploy(OTHER_TYPE)
    deploys.tick()
    assert deploys.attachments.targets["live"].suspended == Suspended(scale_out=True)
    require_in_force(deploys)


def test_scaling_that_is_restored_during_a_rollout_does_not_scale_in_until_its_end() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = "endpoint"
    deploys.deploy(OTHER_TYPE)
    deploys.ledger.runs["v2"] = Run(rollout_id="v2", status="RUNNING", body={}, revision=1)
    deploys.tick()
    assert deploys.attachments.targets["live"].suspended == Suspended(scale_in=True)
    deploys.ledger.runs["v2"] = Run(rollout_id="v2", status="PROMOTED", body={}, revision=2)
    deploys.tick()
    assert deploys.attachments.targets["live"].suspended == Suspended()
    require_in_force(deploys)


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_nothing_is_restored_before_the_stack_is_at_rest(status: str) -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = "endpoint"
    deploys.deploy(OTHER_TYPE)
    deploys.stack.status = status
    assert deploys.tick() == []
    assert deploys.record.text is not None


def test_nothing_is_restored_before_the_endpoint_is_in_service() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = "endpoint"
    deploys.deploy(OTHER_TYPE)
    deploys.endpoint.status = "Updating"
    assert deploys.tick() == []
    assert deploys.record.text is not None


def test_a_record_that_changes_while_it_is_made_true_is_not_cleared() -> None:
    deploys = HostingDeploys(BEFORE)
    deploys.failing = "endpoint"
    deploys.deploy(OTHER_TYPE)
    read = deploys.record.read()
    assert read is not None
    deploys.record.write({})
    deploys.record.clear(read)
    assert deploys.record.text is not None
