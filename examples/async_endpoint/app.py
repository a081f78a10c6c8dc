"""An asynchronous endpoint: large requests wait in a queue, answers and failures go to S3 and to two topics.

Put in your own image, artifact and buckets, then `cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from tidegate import (
    AsyncEndpoint,
    AsyncInference,
    ExecutionRole,
    Findings,
    InstanceVariant,
    Model,
    ModelSource,
)

app = App()
stack = Stack(app, "async-endpoint")

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="slow", artifact_buckets=[artifacts])
source = ModelSource.image(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64,
    artifact_uri="s3://my-model-artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role, network_isolation=True)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
answered, failed = (sns.Topic(stack, name, enforce_ssl=True) for name in ("Answered", "Failed"))
AsyncEndpoint(
    stack,
    "Endpoint",
    variants=[live],
    inference=AsyncInference(
        output_uri="s3://my-answers/digits/answered",
        failure_uri="s3://my-answers/digits/failed",
        success_topic=answered,
        error_topic=failed,
        max_concurrent_invocations_per_instance=4,
    ),
    endpoint_name="slow",
)

# What scanners find and what stays, each with its reason.
for topic in (answered, failed):
    Findings.acknowledge(topic, "CKV_AWS_26", reason="notifications name objects, and hold no answers")
Findings.acknowledge_known(stack)

app.synth()
