"""The adapters against botocore's own models: what is sent, what is understood, what errors become."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber
from tidegate_runtime import errors
from tidegate_runtime.adapters.cloudwatch import CloudWatchMetrics
from tidegate_runtime.adapters.events import EventBus
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.pointer import SsmPointer
from tidegate_runtime.adapters.registry import ModelRegistry
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.adapters.scaling import VariantScaling
from tidegate_runtime.adapters.stacks import HostingStack
from tidegate_runtime.ports import Execution, Lease, Run, StackView, Variant
from tidegate_runtime.state import Suspended

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/2"
DESCRIBED = {
    "EndpointName": "digits",
    "EndpointArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint/digits",
    "EndpointConfigName": "old",
    "EndpointStatus": "Updating",
    "CreationTime": NOW,
    "LastModifiedTime": NOW,
    "ProductionVariants": [
        {
            "VariantName": "live",
            "CurrentWeight": 95.0,
            "DesiredWeight": 90.0,
            "CurrentInstanceCount": 2,
            "DesiredInstanceCount": 3,
        }
    ],
    "PendingDeploymentSummary": {"EndpointConfigName": "new"},
}


def endpoint(stubbed: Stubbed) -> tuple[SageMakerEndpoint, Stubber]:
    client, stubber = stubbed("sagemaker")
    return SageMakerEndpoint(client, name="digits"), stubber


def test_an_endpoint_is_read_with_what_is_on_its_way(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    stubber.add_response("describe_endpoint", DESCRIBED, {"EndpointName": "digits"})
    view = adapter.describe()
    assert (view.status, view.config_name, view.pending_config) == ("Updating", "old", "new")
    assert view.variants == (
        Variant(name="live", weight=95.0, desired_weight=90.0, instances=2, desired_instances=3),
    )


@pytest.mark.parametrize(
    ("code", "message", "status", "error"),
    [
        ("ThrottlingException", "Rate exceeded", 400, errors.Transient),
        ("InternalFailure", "oops", 500, errors.Transient),
        ("ValidationException", 'Cannot update in-progress endpoint "x".', 400, errors.EndpointBusy),
        ("ValidationException", 'Could not find endpoint "x".', 400, errors.EndpointMissing),
        ("ValidationException", 'Could not find endpoint configuration "x".', 400, errors.Transient),
        ("ValidationException", "1 validation error detected", 400, errors.Rejected),
        ("AccessDeniedException", "not authorized", 400, errors.Denied),
        ("ResourceLimitExceeded", "limit", 400, errors.QuotaExceeded),
    ],
)
def test_an_error_of_sagemaker_gets_its_name(
    stubbed: Stubbed, code: str, message: str, status: int, error: type[Exception]
) -> None:
    adapter, stubber = endpoint(stubbed)
    stubber.add_client_error("update_endpoint", code, message, http_status_code=status)
    with pytest.raises(error):
        adapter.update("new")


def test_an_update_states_everything_by_its_configuration(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    answer = {"EndpointArn": DESCRIBED["EndpointArn"]}
    stubber.add_response("update_endpoint", answer, {"EndpointName": "digits", "EndpointConfigName": "new"})
    adapter.update("new")


def test_an_update_that_keeps_counts_does_not_keep_weights(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    expected = {
        "EndpointName": "digits",
        "EndpointConfigName": "old",
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
    }
    stubber.add_response("update_endpoint", {"EndpointArn": DESCRIBED["EndpointArn"]}, expected)
    adapter.update("old", retain_counts=True)


def test_all_weights_go_in_one_call(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    desired = [
        {"VariantName": "live", "DesiredWeight": 95.0},
        {"VariantName": "candidate", "DesiredWeight": 5.0},
    ]
    stubber.add_response(
        "update_endpoint_weights_and_capacities",
        {"EndpointArn": DESCRIBED["EndpointArn"]},
        {"EndpointName": "digits", "DesiredWeightsAndCapacities": desired},
    )
    adapter.set_weights({"live": 95.0, "candidate": 5.0})


def test_a_model_that_exists_is_the_same_model(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    message = "Cannot create already existing model"
    stubber.add_client_error("create_model", "ValidationException", message)
    adapter.create_model({"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::000000000000:role/execution"})


def test_a_configuration_is_read_as_it_can_be_created(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    variants = [{"VariantName": "live", "ModelName": "m", "InitialVariantWeight": 0.0}]
    answer = {
        "EndpointConfigName": "old",
        "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/old",
        "CreationTime": NOW,
        "ProductionVariants": variants,
        "MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
        "EnableNetworkIsolation": False,
    }
    stubber.add_response("describe_endpoint_config", answer, {"EndpointConfigName": "old"})
    assert set(adapter.config("old")) == {"ProductionVariants", "MetricsConfig", "EnableNetworkIsolation"}


def sums(stubbed: Stubbed, *pages: dict[str, Any]) -> Any:
    client, stubber = stubbed("cloudwatch")
    for page in pages:
        stubber.add_response("get_metric_data", page)
    names = [("live", "Invocations"), ("candidate", "Invocations")]
    return CloudWatchMetrics(client, endpoint_name="digits").sums(names, start=0, end=120, period=60)


def result(query_id: str, values: dict[int, float], status: str = "Complete") -> dict[str, Any]:
    timestamps = [dt.datetime.fromtimestamp(at, tz=dt.UTC) for at in values]
    return {"Id": query_id, "Timestamps": timestamps, "Values": list(values.values()), "StatusCode": status}


def test_sums_are_read_over_all_pages(stubbed: Stubbed) -> None:
    first = [result("m0", {0: 5.0}, "PartialData"), result("m1", {})]
    pages = ({"MetricDataResults": first, "NextToken": "n"}, {"MetricDataResults": [result("m0", {60: 7.0})]})
    assert sums(stubbed, *pages) == {
        ("live", "Invocations"): {0: 5.0, 60: 7.0},
        ("candidate", "Invocations"): {},
    }


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_an_answer_that_is_not_complete_is_no_measurement(stubbed: Stubbed, status: str) -> None:
    assert sums(stubbed, {"MetricDataResults": [result("m0", {}), result("m1", {}, status)]}) is None


def test_a_metric_without_an_answer_is_no_measurement(stubbed: Stubbed) -> None:
    assert sums(stubbed, {"MetricDataResults": [result("m0", {})]}) is None


def ledger(stubbed: Stubbed) -> tuple[DynamoLedger, Stubber]:
    client, stubber = stubbed("dynamodb")
    return DynamoLedger(client, table="ledger", endpoint_name="digits"), stubber


def test_a_record_is_stored_only_over_the_revision_it_was_read_at(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    expected = {
        "TableName": "ledger",
        "Item": {
            "endpoint": {"S": "digits"},
            "entry": {"S": "RUN#v2"},
            "status": {"S": "RUNNING"},
            "revision": {"N": "4"},
            "body": {"S": '{"phase":"STEPPING"}'},
        },
        "ConditionExpression": "revision = :revision",
        "ExpressionAttributeValues": {":revision": {"N": "3"}},
    }
    stubber.add_response("put_item", {}, expected)
    stubber.add_client_error("put_item", "ConditionalCheckFailedException", "no")
    run = Run(rollout_id="v2", status="RUNNING", body={"phase": "STEPPING"}, revision=3)
    assert [adapter.save(run), adapter.save(run)] == [True, False]


def test_a_decision_is_stored_under_its_time_in_milliseconds(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    item = {
        "endpoint": {"S": "digits"},
        "entry": {"S": "LOG#v2#001700000000500#SHIFTED"},
        "body": {"S": '{"step":0}'},
    }
    stubber.add_response("put_item", {}, {"TableName": "ledger", "Item": item})
    adapter.log("v2", at=1_700_000_000.5, kind="SHIFTED", body={"step": 0})


def test_a_lease_is_taken_given_back_and_read(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    stubber.add_client_error("put_item", "ConditionalCheckFailedException", "held")
    stubber.add_client_error("delete_item", "ConditionalCheckFailedException", "another's")
    item = {"rollout_id": {"S": "v9"}, "expires_at": {"N": "17"}}
    stubber.add_response("get_item", {"Item": item})
    assert adapter.acquire(Lease(rollout_id="v2", expires_at=1), replacing=None) is False
    adapter.release("v2")
    assert adapter.lease() == Lease(rollout_id="v9", expires_at=17)


def test_open_runs_are_read_over_all_pages(stubbed: Stubbed) -> None:
    adapter, stubber = ledger(stubbed)
    key = {"endpoint": {"S": "digits"}, "entry": {"S": "RUN#v2"}}
    item = {**key, "status": {"S": "RUNNING"}, "body": {"S": "{}"}, "revision": {"N": "1"}}
    stubber.add_response("query", {"Items": [], "LastEvaluatedKey": key})
    stubber.add_response("query", {"Items": [item]})
    assert adapter.open_runs() == [Run(rollout_id="v2", status="RUNNING", body={}, revision=1)]


def test_the_pointer_knows_that_it_is_absent_or_was_there_before(stubbed: Stubbed) -> None:
    client, stubber = stubbed("ssm")
    pointer = SsmPointer(client, name="/p")
    stubber.add_client_error("get_parameter", "ParameterNotFound")
    stubber.add_client_error("put_parameter", "ParameterAlreadyExists")
    assert pointer.read() is None
    assert pointer.create(PACKAGE) is False


def stack_answer(**changes: Any) -> dict[str, Any]:
    usual = {
        "StackName": "hosting",
        "CreationTime": NOW,
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [
            {"OutputKey": "EndpointConfigName", "OutputValue": "Config-AbC"},
            {"OutputKey": "ModelPackage", "OutputValue": PACKAGE},
        ],
        "Parameters": [{"ParameterKey": "Pointer", "ParameterValue": "/p", "ResolvedValue": PACKAGE}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }
    return {"Stacks": [usual | changes]}


def resources(name: str) -> dict[str, Any]:
    resource = {
        "LogicalResourceId": "Config",
        "PhysicalResourceId": name,
        "ResourceType": "AWS::SageMaker::EndpointConfig",
        "ResourceStatus": "UPDATE_COMPLETE",
        "Timestamp": NOW,
    }
    return {"StackResources": [resource]}


@pytest.mark.parametrize(
    ("physical_id", "name"),
    [
        ("arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/config-abc", "Config-AbC"),
        ("Config-AbC", "Config-AbC"),
        ("Config-New", "Config-New"),
    ],
)
def test_the_stacks_configuration_is_named_as_the_endpoint_names_it(
    stubbed: Stubbed, physical_id: str, name: str
) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_response("describe_stacks", stack_answer())
    stubber.add_response("describe_stack_resources", resources(physical_id))
    view = HostingStack(client, name="hosting").describe()
    assert view == StackView(status="UPDATE_COMPLETE", config_name=name, package_arn=PACKAGE)


def test_a_stack_update_keeps_template_parameters_and_capabilities(stubbed: Stubbed) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_response("describe_stacks", stack_answer())
    expected = {
        "StackName": "hosting",
        "UsePreviousTemplate": True,
        "Parameters": [{"ParameterKey": "Pointer", "UsePreviousValue": True}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "ClientRequestToken": "promote-v2",
    }
    stubber.add_response("update_stack", {"StackId": "id"}, expected)
    HostingStack(client, name="hosting").update(token="promote-v2")


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("ValidationError", "No updates are to be performed.", errors.NothingToUpdate),
        ("ValidationError", "Stack:x is in UPDATE_IN_PROGRESS state and can not be updated.", errors.Transient),
        ("ValidationError", "Template error", errors.Rejected),
        ("TokenAlreadyExistsException", "exists", None),
    ],
)
def test_a_refusal_of_cloudformation_gets_its_name(
    stubbed: Stubbed, code: str, message: str, error: type[Exception] | None
) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_response("describe_stacks", stack_answer())
    stubber.add_client_error("update_stack", code, message)
    stack = HostingStack(client, name="hosting")
    if error is None:
        stack.update(token="t")
        return
    with pytest.raises(error):
        stack.update(token="t")


def test_a_stack_that_does_not_exist_is_none(stubbed: Stubbed) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_client_error("describe_stacks", "ValidationError", "Stack with id hosting does not exist")
    assert HostingStack(client, name="hosting").describe() is None


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
