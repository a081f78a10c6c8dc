"""An endpoint whose updates SageMaker itself guards: a canary, a bake, and alarms that move traffic back.

Run `pip install tidegate`, put in your own image, artifact and bucket, then
`cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3

from tidegate import (
    CapacitySize,
    DeploymentGuardrails,
    EndpointAlarm,
    ExecutionRole,
    Findings,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
)

app = App()
stack = Stack(app, "guarded-endpoint")

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="guarded", artifact_buckets=[artifacts])
source = ModelSource.image(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64,
    artifact_uri="s3://my-model-artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role, network_isolation=True)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=4)
guardrails = DeploymentGuardrails.canary(
    size=CapacitySize.percent(25),
    bake=Duration.minutes(10),
    termination_wait=Duration.minutes(5),
    maximum_execution_timeout=Duration.hours(1),
    alarms=[
        EndpointAlarm.server_error_rate(at_least=0.05),
        EndpointAlarm.model_latency(
            percentile=90, at_least=Duration.millis(200), expected_requests_per_minute=600
        ),
    ],
)
RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="guarded", guardrails=guardrails)

# What scanners find and what stays, each with its reason.
Findings.acknowledge_known(stack)

app.synth()
