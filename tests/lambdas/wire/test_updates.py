"""What SageMaker may answer to a change of the endpoint, through boto3's serializers, retries and parsers."""

import pytest

from tests.lambdas.fakes.world import package
from tests.lambdas.wire.rollouts import Rollout
from tests.lambdas.wire.scripts import (
    answer_lost,
    connection_closed,
    lost,
    refused,
    server_error,
    throttled,
    unreachable,
)
from tests.lambdas.wire.transport import Answer, Refused, Request, Script, Serve

UPDATE = "UpdateEndpoint"
CHANGES = {"UpdateEndpoint": 1, "UpdateEndpointWeightsAndCapacities": 2, "UpdateStack": 1}
"""How often an undisturbed rollout of two steps changes something."""


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize("times", [2, 7])
def test_a_throttled_change_is_sent_again_and_applied_once(operation: str, times: int) -> None:
    rollout = Rollout.ready().scripted(operation, *[throttled] * times).run()
    rollout.assert_promoted()
    assert rollout.wire.sent(operation) == CHANGES[operation] + times
    assert rollout.wire.carried_out[operation] == CHANGES[operation]


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize("script", [answer_lost, connection_closed])
def test_a_change_whose_answer_was_lost_is_adopted_although_botocore_sends_it_again(
    operation: str, script: Script
) -> None:
    rollout = Rollout.ready().scripted(operation, script).run()
    rollout.assert_promoted()
    # The repetition finds the endpoint in progress, or the stack's token used: neither is a failure.
    assert rollout.wire.sent(operation) == CHANGES[operation] + 1
    assert rollout.wire.carried_out[operation] == CHANGES[operation]


@pytest.mark.parametrize("operation", CHANGES)
@pytest.mark.parametrize("script", [lost, unreachable, server_error])
@pytest.mark.parametrize("times", [1, 5])
def test_a_change_that_never_arrived_is_sent_again(operation: str, script: Script, times: int) -> None:
    rollout = Rollout.ready().scripted(operation, *[script] * times).run()
    rollout.assert_promoted()
    assert rollout.wire.sent(operation) == CHANGES[operation] + times
    assert rollout.wire.carried_out[operation] == CHANGES[operation]


def test_botocores_own_repetition_is_refused_as_in_progress_and_that_is_no_failure() -> None:
    told: list[str] = []

    def repeated(request: Request, serve: Serve) -> Answer:
        try:
            return serve(request)
        except Refused as refusal:
            told.append(refusal.message)
            raise

    rollout = Rollout.ready().scripted(UPDATE, answer_lost, repeated).run()
    rollout.assert_promoted()
    assert len(told) == 1
    assert told[0].startswith("Cannot update in-progress endpoint")


def test_an_endpoint_that_another_actor_is_updating_is_left_to_them() -> None:
    rollout = Rollout.ready()
    endpoint = rollout.service.endpoint
    endpoint.cloud.configs["theirs"] = endpoint.cloud.configs["stack-config-0"]

    def theirs_first(request: Request, serve: Serve) -> Answer:
        endpoint.change_config("theirs", retain_counts=True)
        return serve(request)

    rollout.scripted(UPDATE, theirs_first).run()
    rollout.assert_rolled_back(
        reason="UnexpectedConfig: the endpoint has configuration theirs", traffic=False
    )


def test_a_configuration_that_is_not_visible_yet_is_asked_for_again() -> None:
    missing = refused("ValidationException", 'Could not find endpoint configuration "arn:aws:sagemaker:x".')
    rollout = Rollout.ready().scripted(UPDATE, *[missing] * 4).run()
    rollout.assert_promoted()
    assert rollout.wire.sent(UPDATE) == 5


@pytest.mark.parametrize(
    "failure_reason",
    [
        "",
        "The primary container for production variant candidate did not pass the ping health check.",
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
        "KMSAccessDeniedException: arn:aws:kms:us-east-1:000000000000:key/1 is disabled.",
    ],
)
def test_an_endpoint_in_service_with_its_old_configuration_is_a_rollback_with_a_failure_reason_or_without(
    failure_reason: str,
) -> None:
    rollout = Rollout.ready()
    rollout.service.endpoint.broken = {package(2)}
    seen: set[str] = set()

    def describe(request: Request, serve: Serve) -> Answer:
        answer = serve(request)
        document = answer.document()
        seen.add(document["EndpointStatus"])
        if seen >= {"RollingBack", document["EndpointStatus"]} and failure_reason:
            document["FailureReason"] = failure_reason
        return answer.with_document(document)

    rollout.wire.always["DescribeEndpoint"] = describe
    rollout.run()
    rollout.assert_rolled_back(
        reason="UpdateRolledBack: the endpoint is back on stack-config-0", traffic=False
    )
    assert "RollingBack" in seen


def test_a_system_update_at_the_start_is_waited_for() -> None:
    rollout = Rollout.ready()
    rollout.service.endpoint.maintain(1_200)
    rollout.run().assert_promoted()


def test_a_system_update_during_a_step_holds_the_rollout() -> None:
    rollout = Rollout.in_first_step()
    rollout.service.endpoint.maintain(1_200)
    held_until = rollout.service.world.time + 1_200
    rollout.service.run(until=lambda: rollout.service.endpoint.share() > 0.5)
    assert rollout.service.world.time >= held_until
    rollout.service.run()
    rollout.assert_promoted()


def test_an_update_whose_own_rollback_failed_is_applied_once_more() -> None:
    rollout = Rollout.ready()
    rollout.service.endpoint.broken, rollout.service.endpoint.rollbacks_fail = {package(2)}, 1
    rollout.run()
    rollout.assert_rolled_back(reason="UpdateRollbackFailed", traffic=False)


@pytest.mark.parametrize("status", ["Failed", "OutOfService"])
def test_an_endpoint_that_does_not_recover_needs_a_human_and_is_never_deleted(status: str) -> None:
    rollout = Rollout.in_first_step()
    rollout.service.endpoint.fail(status)
    rollout.service.run()
    assert rollout.outcome == "NEEDS_HUMAN"
    deleted = {one.operation for one in rollout.wire.requests if one.operation.startswith("Delete")}
    assert deleted <= {"DeleteItem"}


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("ResourceLimitExceeded", 400, "QuotaExceeded"),
        ("AccessDeniedException", 400, "Denied"),
        ("AccessDenied", 403, "Denied"),
        ("ValidationException", 400, "Rejected"),
    ],
)
def test_a_refusal_for_good_is_sent_once_and_moves_no_traffic(code: str, status: int, name: str) -> None:
    rollout = Rollout.ready().scripted(UPDATE, refused(code, "not today", status=status)).run()
    rollout.assert_rolled_back(reason=f"{name}: An error occurred ({code})", traffic=False)
    assert rollout.wire.sent(UPDATE) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_an_artifact_that_cannot_be_read_ends_the_rollout_before_it_touches_anything(status: int) -> None:
    rollout = Rollout.ready().scripted("HeadObject", refused("", status=status)).run()
    rollout.assert_rolled_back(reason="ArtifactMissing: s3://bucket/model.tar.gz", traffic=False)
    assert not {"CreateModel", "CreateEndpointConfig", UPDATE} & {
        one.operation for one in rollout.wire.requests
    }
