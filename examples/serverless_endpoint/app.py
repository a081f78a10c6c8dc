"""A serverless endpoint: no instances, nothing billed while nobody calls, and two workers kept warm.

Put in your own image, artifact and bucket, then `cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_s3 as s3

from tidegate import ExecutionRole, Findings, Model, ModelSource, Serverless, ServerlessEndpoint

app = App()
stack = Stack(app, "serverless-endpoint", env=Environment(account="111122223333", region="eu-west-1"))

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="quiet", artifact_buckets=[artifacts])
# A custom image for serverless lies in the same account as the endpoint.
source = ModelSource.image(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64,
    artifact_uri="s3://my-model-artifacts/model.tar.gz",
)
model = Model(stack, "Model", source=source, role=role.role)
ServerlessEndpoint(
    stack,
    "Endpoint",
    model=model,
    serverless=Serverless.warm(memory_mb=2048, max_concurrency=20, provisioned_concurrency=2),
    endpoint_name="quiet",
)

# What scanners find and what stays, each with its reason.
Findings.acknowledge(
    model, "SageMakerChecks::SageMaker.5", "CKV_AWS_370", reason="serverless endpoints exclude isolation"
)
Findings.acknowledge_known(stack)

app.synth()
