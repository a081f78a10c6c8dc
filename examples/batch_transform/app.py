"""A batch transform job every night, and one for each file that arrives.

Run `pip install tidegate`, put in your own image, artifact and buckets, then
`cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3

from tidegate import BatchTransform, ExecutionRole, Findings, Model, ModelSource, TransformJob

app = App()
stack = Stack(app, "batch-transform")

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
incoming = s3.Bucket.from_bucket_name(stack, "Incoming", "my-incoming-data")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="batch", artifact_buckets=[artifacts])
source = ModelSource.image(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64,
    artifact_uri="s3://my-model-artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role, network_isolation=True)
job = TransformJob(
    input_uri="s3://my-incoming-data/today/",
    output_uri="s3://my-answers/today/",
    content_type="text/csv",
    accept="text/csv",
    instance_type="ml.m5.xlarge",
    instance_count=2,
    split="Line",
    strategy="MultiRecord",
    assemble_lines=True,
    max_concurrent_transforms=4,
    max_payload_mb=6,
    # The first column is a key: the model does not get it, the answer is written beside it.
    input_filter="$[1:]",
    output_filter="$[0,-1]",
    join_input=True,
)
transform = BatchTransform(
    stack, "Transform", name="my-batch", model=model, job=job, timeout=Duration.hours(6)
)
transform.start_on_schedule("Nightly", events.Schedule.cron(hour="2", minute="0"))
transform.start_on_object_created("Arrival", incoming, prefix="urgent/")

# What scanners find and what stays, each with its reason.
Findings.acknowledge_known(stack)

app.synth()
