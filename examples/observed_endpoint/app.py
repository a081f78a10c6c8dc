"""An endpoint with alarms, one notification for all of them, and a dashboard.

Run `pip install tidegate`, put in your own image, artifact and bucket, then
`cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from tidegate import (
    EndpointAlarm,
    EndpointAlarms,
    EndpointDashboard,
    ExecutionRole,
    Findings,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
)

app = App()
stack = Stack(app, "observed-endpoint")

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="observed", artifact_buckets=[artifacts])
source = ModelSource.image(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64,
    artifact_uri="s3://my-model-artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role, network_isolation=True)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="observed")

topic = sns.Topic(stack, "OnCall", enforce_ssl=True)
alarms = EndpointAlarms(
    stack,
    "Alarms",
    endpoint_name="observed",
    variants=["live"],
    topic=topic,
    alarms=[
        EndpointAlarm.server_error_rate(at_least=0.02),
        EndpointAlarm.model_error_rate(at_least=0.02),
        EndpointAlarm.model_latency(
            percentile=99,
            at_least=Duration.millis(500),
            expected_requests_per_minute=600,
            period_seconds=300,
        ),
        EndpointAlarm.saturation("CPUUtilization", percent=85, units=2),
        EndpointAlarm.saturation("MemoryUtilization", percent=90),
        EndpointAlarm.no_traffic(minutes=15),
    ],
)
EndpointDashboard(stack, "Dashboard", endpoint_name="observed", variants=["live"], alarms=alarms.alarms)

# What scanners find and what stays, each with its reason.
Findings.acknowledge(topic, "CKV_AWS_26", reason="alarms hold names and numbers, no secrets")
Findings.acknowledge_known(stack)

app.synth()
