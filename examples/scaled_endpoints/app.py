"""Four kinds of capacity that follow their load, two of them from and to zero.

Run `pip install tidegate`, put in your own image, artifact and bucket, then
`cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from tidegate import (
    AsyncEndpoint,
    AsyncInference,
    CapacityScaling,
    ExecutionRole,
    Findings,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
    ScalingMetric,
    ScalingTarget,
    ScheduledCapacity,
    Serverless,
    ServerlessEndpoint,
    Step,
    StepPolicy,
    TrackingPolicy,
)

app = App()
stack = Stack(app, "scaled-endpoints")

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="scaled", artifact_buckets=[artifacts])
source = ModelSource.image(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64,
    artifact_uri="s3://my-model-artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role)

# Two variants of one endpoint: requests in flight and CPU, a burst of requests, office hours.
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
other = InstanceVariant(name="other", model=model, instance_type="ml.g5.xlarge", initial_count=2, weight=0.1)
endpoint = RealTimeEndpoint(stack, "RealTime", variants=[live, other], endpoint_name="scaled-real-time")
requests = ScalingMetric(name="InvocationsPerInstance", statistic="Sum")
endpoint.add_capacity_scaling(
    live,
    min_capacity=2,
    max_capacity=10,
    policies=[
        TrackingPolicy.concurrent_requests(per_model=4),
        TrackingPolicy.cpu(percent=70, vcpus=2),
        StepPolicy(
            name="burst",
            metric=requests,
            threshold=3000,
            steps=[Step(lower=0, upper=2000, change=1), Step(lower=2000, change=4)],
        ),
    ],
    schedules=[
        ScheduledCapacity(
            name="morning",
            schedule="cron(0 7 ? * MON-FRI *)",
            min_capacity=4,
            timezone="Europe/Berlin",
        ),
        ScheduledCapacity(
            name="evening",
            schedule="cron(0 19 ? * MON-FRI *)",
            min_capacity=2,
            timezone="Europe/Berlin",
        ),
    ],
)
endpoint.add_capacity_scaling(
    other, min_capacity=1, max_capacity=3, policies=[TrackingPolicy.gpu(percent=60, gpus=1)]
)

# A queue whose instances go to zero, and wake up with the first request.
worker = InstanceVariant(name="worker", model=model, instance_type="ml.m5.xlarge", initial_count=2)
inference = AsyncInference.to("s3://my-answers/ok", failures="s3://my-answers/failed")
queue = AsyncEndpoint(stack, "Queue", variants=[worker], inference=inference, endpoint_name="scaled-queue")
CapacityScaling(
    stack,
    "QueueScaling",
    target=ScalingTarget.queue(queue, worker),
    min_capacity=0,
    max_capacity=4,
    policies=[TrackingPolicy.backlog(per_instance=5)],
)

# Warm workers of a serverless endpoint.
size = Serverless.warm(memory_mb=2048, max_concurrency=20, provisioned_concurrency=2)
warm = ServerlessEndpoint(
    stack, "Serverless", model=model, serverless=size, endpoint_name="scaled-serverless"
)
CapacityScaling(
    stack,
    "WarmScaling",
    target=ScalingTarget.warm_workers(warm, size),
    min_capacity=1,
    max_capacity=10,
    policies=[TrackingPolicy.provisioned_concurrency(utilization=0.7)],
)

# Copies of an inference component that exists already.
CapacityScaling(
    stack,
    "CopyScaling",
    target=ScalingTarget.copies("my-component"),
    min_capacity=0,
    max_capacity=8,
    policies=[TrackingPolicy.concurrent_requests_per_copy(requests=4)],
)

# What scanners find and what stays, each with its reason.
Findings.acknowledge(
    model,
    "SageMakerChecks::SageMaker.5",
    "CKV_AWS_370",
    reason="a serverless endpoint, which excludes isolation, shares it",
)
Findings.acknowledge_known(stack)

app.synth()
