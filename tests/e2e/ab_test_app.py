"""An app with an A/B test that was over years ago."""

from datetime import UTC, datetime

from aws_cdk import App, CliCredentialsStackSynthesizer, Environment, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from tidegate import (
    ABTest,
    ExecutionRole,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
    TargetTracking,
)

app = App()
place = Environment(account="000000000000", region="us-east-1")
stack = Stack(app, "ab-test", env=place, synthesizer=CliCredentialsStackSynthesizer())
artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="Ranking", artifact_buckets=[artifacts])
source = ModelSource.image(
    "000000000000.dkr.ecr.us-east-1.amazonaws.com/echo@sha256:" + "0" * 64,
    artifact_uri="s3://artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role)
old = InstanceVariant(name="old", model=model, instance_type="ml.m5.large", initial_count=1, weight=80)
new = InstanceVariant(name="new", model=model, instance_type="ml.m5.large", initial_count=2, weight=20)
endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[old, new], endpoint_name="Ranking")
endpoint.add_scaling(
    new, tracking=TargetTracking(min_capacity=2, max_capacity=3, invocations_per_instance_per_minute=6000)
)
topic = sns.Topic(stack, "Told")
queue = sqs.Queue(stack, "Heard", queue_name="heard")
topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
ABTest(
    stack,
    "Test",
    endpoint=endpoint,
    variants=[old, new],
    champion=old,
    deadline=datetime(2020, 1, 31, 12, tzinfo=UTC),
    topic=topic,
)
app.synth()
