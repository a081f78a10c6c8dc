"""Pointer, scaling, executions, events, registry and artifacts."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime import errors
from tidegate_runtime.adapters.events import EventBus
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.pointer import SsmPointer
from tidegate_runtime.adapters.registry import ModelRegistry
from tidegate_runtime.adapters.scaling import VariantScaling
from tidegate_runtime.ports import Execution
from tidegate_runtime.state import Suspended

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/2"


def test_the_pointer_knows_that_it_is_absent_or_was_there_before(stubbed: Stubbed) -> None:
    client, stubber = stubbed("ssm")
    pointer = SsmPointer(client, name="/p")
    stubber.add_client_error("get_parameter", "ParameterNotFound")
    stubber.add_client_error("put_parameter", "ParameterAlreadyExists")
    assert pointer.read() is None
    assert pointer.create(PACKAGE) is False


def test_suspending_scale_in_leaves_the_limits_alone(stubbed: Stubbed) -> None:
    client, stubber = stubbed("application-autoscaling")
    expected = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/digits/variant/live",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "SuspendedState": {
            "DynamicScalingInSuspended": True,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
    }
    stubber.add_response("register_scalable_target", {}, expected)
    stubber.add_response("describe_scalable_targets", {"ScalableTargets": []})
    scaling = VariantScaling(client, endpoint_name="digits")
    scaling.suspend(Suspended(scale_in=True))
    assert scaling.suspended() is None


def test_executions_are_found_by_machine_and_name(stubbed: Stubbed) -> None:
    client, stubber = stubbed("stepfunctions")
    arn = "arn:aws:states:us-east-1:000000000000:execution:digits-rollout:v2"
    stubber.add_client_error("start_execution", "ExecutionAlreadyExists")
    answer = {
        "executionArn": arn,
        "stateMachineArn": MACHINE,
        "status": "SUCCEEDED",
        "startDate": NOW,
        "output": json.dumps({"outcome": "PROMOTED"}),
    }
    stubber.add_response("describe_execution", answer, {"executionArn": arn})
    stubber.add_client_error("describe_execution", "ExecutionDoesNotExist")
    machines = StateMachines(client)
    assert machines.start(MACHINE, name="v2", document={}) is False
    assert machines.describe(MACHINE, name="v2") == Execution(
        status="SUCCEEDED", output={"outcome": "PROMOTED"}
    )
    assert machines.describe(MACHINE, name="v3") is None


def test_an_event_that_the_bus_did_not_take_is_not_sent(stubbed: Stubbed) -> None:
    client, stubber = stubbed("events")
    answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "x", "ErrorMessage": "y"}]}
    stubber.add_response("put_events", answer)
    with pytest.raises(errors.Transient):
        EventBus(client).publish({"outcome": "PROMOTED"})


def test_a_package_is_read_with_its_artifact_and_recorded_version(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    answer = {
        "ModelPackageName": "digits",
        "ModelPackageGroupName": "digits",
        "ModelPackageArn": PACKAGE,
        "CreationTime": NOW,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": "Approved",
        "CustomerMetadataProperties": {"artifact_version_id": "v-id"},
        "InferenceSpecification": {
            "Containers": [{"Image": "image", "ModelDataUrl": "s3://bucket/key", "Environment": {"A": "1"}}],
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
        },
    }
    stubber.add_response("describe_model_package", answer, {"ModelPackageName": PACKAGE})
    package = ModelRegistry(client).package(PACKAGE)
    assert (package.approval, package.group, package.artifact_version) == ("Approved", "digits", "v-id")
    assert package.instance_types == ("ml.m5.large",)
    assert package.containers[0].artifact_uri == "s3://bucket/key"


def test_rejects_an_artifact_that_is_not_there(stubbed: Stubbed) -> None:
    client, stubber = stubbed("s3")
    expected = {"Bucket": "bucket", "Key": "a/key", "VersionId": "v-id"}
    stubber.add_client_error("head_object", "404", "Not Found", 404, expected_params=expected)
    with pytest.raises(errors.ArtifactMissing):
        ModelRegistry(None, s3=client).require_artifact("s3://bucket/a/key", version="v-id")
