"""The preflight of the way back, and the alarms: over the wire."""

import pytest

from tests.lambdas.wire.connect import connect_authority
from tests.lambdas.wire.rollouts import Rollout
from tests.lambdas.wire.scripts import refused, throttled
from tidegate_runtime.ports import CANDIDATE, LIVE

CHANGES = {
    "UpdateEndpointWeightsAndCapacities": "sagemaker:UpdateEndpointWeightsAndCapacities",
    "UpdateEndpoint": "sagemaker:UpdateEndpoint",
    "PutParameter": "ssm:PutParameter",
    "UpdateStack": "cloudformation:UpdateStack",
    "StopExecution": "states:StopExecution",
}


def asking() -> Rollout:
    rollout = Rollout.ready()
    connect_authority(rollout.service, rollout.wire)
    return rollout


def test_what_a_rollback_may_do_is_asked_without_changing_anything() -> None:
    rollout = asking().run()
    rollout.assert_promoted()
    undisturbed = Rollout.ready().run()
    for operation in CHANGES:
        assert rollout.wire.sent(operation) == undisturbed.wire.sent(operation) + 1
        assert rollout.wire.carried_out[operation] == undisturbed.wire.carried_out[operation]


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_permission_that_only_the_rollback_needs_is_missed_before_anything_is_touched(
    operation: str, code: str
) -> None:
    rollout = asking().scripted(operation, refused(code, "not authorized")).run()
    rollout.assert_rolled_back(reason=f"a rollback may not do {CHANGES[operation]}", traffic=False)
    assert not {"CreateModel", "CreateEndpointConfig"} & set(rollout.wire.carried_out)
    assert all(rollout.wire.carried_out[one] == 0 for one in CHANGES)


@pytest.mark.parametrize("operation", CHANGES)
def test_a_preflight_that_is_throttled_is_made_again(operation: str) -> None:
    rollout = asking().scripted(operation, *[throttled] * 4).run()
    rollout.assert_promoted()


@pytest.mark.parametrize("variant", [CANDIDATE, LIVE])
def test_rejects_to_start_without_an_alarm(variant: str) -> None:
    rollout = Rollout.ready()
    rollout.service.alarms.lost = {variant}
    rollout.run().assert_rolled_back(reason="AlarmMissing", traffic=False)
    assert f"there is no alarm digits-rehearsal-{variant}-5xx" in rollout.reason


def test_rejects_to_start_while_an_alarm_of_live_burns() -> None:
    rollout = Rollout.ready()
    rollout.service.alarms.lit = {LIVE}
    rollout.run().assert_rolled_back(reason="alarm digits-rehearsal-live-5xx", traffic=False)


def test_rejects_to_start_where_alarms_may_not_be_read() -> None:
    rollout = Rollout.ready()
    rollout.wire.always["DescribeAlarms"] = refused("AccessDenied")
    rollout.run().assert_rolled_back(reason="Denied", traffic=False)
