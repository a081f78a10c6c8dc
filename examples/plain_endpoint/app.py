"""The smallest app that uses the library without our stacks: one model, one endpoint, one scaled variant.

Run `pip install tidegate`, put in your own image, artifact and bucket, then
`cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from tidegate import (
    ExecutionRole,
    Findings,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
    TargetTracking,
)

app = App()
stack = Stack(app, "plain-endpoint")

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="plain", artifact_buckets=[artifacts])
source = ModelSource.image(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64,
    artifact_uri="s3://my-model-artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role, network_isolation=True)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="plain")
endpoint.add_scaling(
    live,
    tracking=TargetTracking(min_capacity=2, max_capacity=4, invocations_per_instance_per_minute=6000),
)

# What scanners find and what stays, each with its reason.
Findings.acknowledge_known(stack)

app.synth()
