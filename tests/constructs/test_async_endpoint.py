from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from tidegate import (
    AsyncEndpoint,
    AsyncInference,
    CapacityScaling,
    CapacitySize,
    ContainerImage,
    DeploymentGuardrails,
    EndpointAlarm,
    ExecutionRole,
    InstanceVariant,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    ScalingTarget,
    TrackingPolicy,
)

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]
CONFIG = "AWS::SageMaker::EndpointConfig"
PLAIN = AsyncInference.to("s3://answers/ok", failures="s3://answers/failed")
IMAGE = ContainerImage.scikit_learn("1.2-1", region="us-east-1")
ONE = ModelContainer(image=IMAGE, artifact=ModelArtifact.archive("s3://models/one.tar.gz"))
MANY = ModelContainer(image=IMAGE, artifact=ModelArtifact.many_models("s3://models/many/"))


def named(container: ModelContainer, hostname: str) -> ModelContainer:
    return replace(container, hostname=hostname)


def config(template: Template) -> Any:
    (found,) = template.find_resources(CONFIG).values()
    return found["Properties"]


def topic(stack: Stack, name: str) -> sns.ITopic:
    return sns.Topic.from_topic_arn(stack, name, f"arn:aws:sns:us-east-1:000000000000:{name}")


def test_answers_and_failures_have_paths_of_their_own(stack: Stack, variant: Make, template: Render) -> None:
    AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=PLAIN)
    assert config(template())["AsyncInferenceConfig"] == {
        "OutputConfig": {"S3OutputPath": "s3://answers/ok", "S3FailurePath": "s3://answers/failed"}
    }


def test_success_and_error_topics_are_not_mixed_up(stack: Stack, variant: Make, template: Render) -> None:
    inference = AsyncInference(
        output_uri="s3://a/ok",
        failure_uri="s3://a/failed",
        success_topic=topic(stack, "Good"),
        error_topic=topic(stack, "Bad"),
        answers_in_notifications=True,
        max_concurrent_invocations_per_instance=4,
    )
    AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=inference)
    found = config(template())["AsyncInferenceConfig"]
    assert found["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}
    assert found["OutputConfig"]["NotificationConfig"] == {
        "SuccessTopic": "arn:aws:sns:us-east-1:000000000000:Good",
        "ErrorTopic": "arn:aws:sns:us-east-1:000000000000:Bad",
        "IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"],
    }


def test_the_answer_is_put_only_into_notifications_of_given_topics(
    stack: Stack, variant: Make, template: Render
) -> None:
    inference = AsyncInference(
        output_uri="s3://a/ok",
        failure_uri="s3://a/failed",
        error_topic=topic(stack, "Bad"),
        answers_in_notifications=True,
    )
    AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=inference)
    output = config(template())["AsyncInferenceConfig"]["OutputConfig"]
    assert output["NotificationConfig"]["IncludeInferenceResponseIn"] == ["ERROR_NOTIFICATION_TOPIC"]


def test_the_answers_key_is_not_the_volumes_key(stack: Stack, variant: Make, template: Render) -> None:
    answers, volumes = (
        kms.Key.from_key_arn(stack, name, f"arn:aws:kms:us-east-1:000000000000:key/{name}")
        for name in ("answers", "volumes")
    )
    inference = AsyncInference.to("s3://a/ok", failures="s3://a/failed", kms_key=answers)
    AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=inference, kms_key=volumes)
    found = config(template())
    assert found["KmsKeyId"].endswith("key/volumes")
    assert found["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"].endswith("key/answers")


def test_the_role_gets_exactly_what_the_delivery_needs_before_the_endpoint(
    stack: Stack, template: Render
) -> None:
    role = ExecutionRole(stack, "Role", endpoint_name="slow", artifact_buckets=[])
    model = Model(stack, "Model", source=ModelSource.image("image"), role=role.role)
    live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large")
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:000000000000:key/k")
    inference = AsyncInference(
        output_uri="s3://answers/ok",
        failure_uri="s3://answers/failed/",
        error_topic=topic(stack, "Bad"),
        kms_key=key,
    )
    AsyncEndpoint(stack, "Endpoint", variants=[live], inference=inference)
    rendered = template()
    (name,) = [one for one in rendered.find_resources("AWS::IAM::ManagedPolicy") if "RoleNeeds" in one]
    statements = rendered.to_json()["Resources"][name]["Properties"]["PolicyDocument"]["Statement"]
    assert {one["Sid"]: one["Action"] for one in statements} == {
        "DeliverAnswers": ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
        "FindAnswers": "s3:ListBucket",
        "Notify": "sns:Publish",
        "EncryptAnswers": ["kms:Decrypt", "kms:GenerateDataKey"],
    }
    assert [one["Fn::Join"][1][-1] for one in statements[0]["Resource"]] == [
        ":s3:::answers/ok/*",
        ":s3:::answers/failed/*",
    ]
    rendered.has_resource("AWS::SageMaker::Endpoint", {"DependsOn": Match.array_with([name])})


def test_an_imported_role_is_left_to_its_owner(stack: Stack, variant: Make, template: Render) -> None:
    AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=PLAIN)
    template().resource_count_is("AWS::IAM::ManagedPolicy", 0)
    assert [one.sid for one in PLAIN.statements()] == ["DeliverAnswers", "FindAnswers"]


def test_invoking_is_granted_asynchronously_only(stack: Stack, variant: Make, template: Render) -> None:
    endpoint = AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=PLAIN)
    endpoint.grant_invoke(iam.User(stack, "Client"))
    (policy,) = template().find_resources("AWS::IAM::Policy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sagemaker:InvokeEndpointAsync"


def test_backlog_metrics_carry_the_endpoint_only(stack: Stack, variant: Make) -> None:
    endpoint = AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=PLAIN, endpoint_name="slow")
    metrics = [
        endpoint.metric_backlog_size(),
        endpoint.metric_backlog_size_per_instance(),
        endpoint.metric_backlog_without_capacity(),
        endpoint.metric_oldest_request_age(),
    ]
    assert [metric.dimensions for metric in metrics] == [{"EndpointName": "slow"}] * 4
    assert [metric.metric_name for metric in metrics] == [
        "ApproximateBacklogSize",
        "ApproximateBacklogSizePerInstance",
        "HasBacklogWithoutCapacity",
        "ApproximateAgeOfOldestRequest",
    ]


def test_rejects_one_topic_for_answers_and_failures(stack: Stack) -> None:
    one = topic(stack, "One")
    with pytest.raises(ValueError, match=r"error_topic must differ from success_topic, because .*https://"):
        AsyncInference(output_uri="s3://a/b", failure_uri="s3://a/c", success_topic=one, error_topic=one)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"output_uri": "https://a/b"}, "output_uri must be an s3:// address of at most 512 characters"),
        ({"failure_uri": "s3://"}, "failure_uri must be an s3:// address"),
        ({"failure_uri": "s3://a/" + "x" * 512}, "failure_uri must be an s3:// address of at most 512"),
        ({"failure_uri": "s3://a/ok/"}, "failure_uri must differ from output_uri"),
        ({"answers_in_notifications": True}, "needs a success_topic or an error_topic, got none"),
        ({"max_concurrent_invocations_per_instance": 0}, "must be 1 to 1000, got 0"),
        ({"max_concurrent_invocations_per_instance": 1001}, "must be 1 to 1000, got 1001"),
    ],
)
def test_rejects_settings_that_cannot_work(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AsyncInference(**{"output_uri": "s3://a/ok", "failure_uri": "s3://a/failed", **changes})


def test_rejects_a_variant_twice_as_a_real_time_endpoint_does(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match="variants must differ in name, got 'live' twice"):
        AsyncEndpoint(stack, "Endpoint", variants=[variant(), variant()], inference=PLAIN)


FAILURES = EndpointAlarm.async_failures()


def guarded(stack: Stack, live: InstanceVariant, **changes: Any) -> AsyncEndpoint:
    fields = {"size": CapacitySize.percent(25), "bake": Duration.minutes(10), "alarms": [FAILURES]}
    return AsyncEndpoint(
        stack,
        "Endpoint",
        variants=[live],
        inference=PLAIN,
        endpoint_name="slow",
        guardrails=DeploymentGuardrails.canary(**{**fields, **changes}),
    )


def test_an_update_is_guarded_like_a_real_time_one(stack: Stack, variant: Make, template: Render) -> None:
    guarded(stack, variant(initial_count=4))
    rendered = template()
    (endpoint,) = rendered.find_resources("AWS::SageMaker::Endpoint").values()
    ((alarm, found),) = rendered.find_resources("AWS::CloudWatch::Alarm").items()
    deployment = endpoint["Properties"]["DeploymentConfig"]
    assert deployment["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": {"Ref": alarm}}]}
    routing = deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (routing["Type"], routing["CanarySize"]["Value"]) == ("CANARY", 25)
    assert found["Properties"]["MetricName"] == "InvocationFailures"
    names = {one["Name"] for one in found["Properties"]["Dimensions"]}
    assert names == {"EndpointName", "EndpointConfigName", "VariantName"}


def test_metrics_come_as_often_as_asked(stack: Stack, variant: Make, template: Render) -> None:
    AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=PLAIN, metrics_frequency_seconds=30)
    assert config(template())["MetricsConfig"] == {
        "EnableEnhancedMetrics": True,
        "MetricPublishFrequencyInSeconds": 30,
        "EnableDetailedObservability": False,
    }


def test_rejects_guardrails_on_what_a_queue_does_not_publish(stack: Stack, variant: Make) -> None:
    rate = EndpointAlarm.server_error_rate(at_least=0.05)
    with pytest.raises(ValueError, match=r"does not publish, Invocations.*\[alarm-not-published"):
        guarded(stack, variant(initial_count=4), alarms=[rate])


def test_rejects_a_queue_that_shrinks_below_a_step_of_its_guardrails(stack: Stack, variant: Make) -> None:
    live = variant(initial_count=4)
    target = ScalingTarget.queue(guarded(stack, live), live)
    with pytest.raises(ValueError, match=r"with 0 cannot be shifted in steps .*canary-below-one-instance"):
        CapacityScaling(
            stack,
            "Scaling",
            target=target,
            min_capacity=0,
            max_capacity=8,
            policies=[TrackingPolicy.backlog(per_instance=5)],
        )


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (ModelSource.container(MANY), "async/multi-model-container"),
        (ModelSource.pipeline([ONE, ONE]), "async/inference-pipeline"),
        (ModelSource.direct([named(ONE, "a"), named(ONE, "b")]), "async/direct-containers"),
    ],
)
def test_rejects_models_that_an_asynchronous_request_cannot_name(
    stack: Stack, role: iam.IRole, variant: Make, source: ModelSource, rule: str
) -> None:
    model = Model(stack, "Other", source=source, role=role)
    with pytest.raises(ValueError, match=rf"\[{rule}: https://docs"):
        AsyncEndpoint(stack, "Endpoint", variants=[variant(model=model)], inference=PLAIN)


def test_rejects_inferentia_1_in_a_queue(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"\[async/inf1: https://docs"):
        AsyncEndpoint(stack, "Endpoint", variants=[variant(instance_type="ml.inf1.xlarge")], inference=PLAIN)
