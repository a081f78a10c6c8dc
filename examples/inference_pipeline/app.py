"""An inference pipeline of two containers: a preparation from ECR, then an ONNX model on AWS's image.

With `ModelSource.direct` instead of `pipeline` each request would name its container. Put in your own
repository, bucket and region, then `cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ecr as ecr

from tidegate import (
    ContainerImage,
    ExecutionRole,
    Findings,
    InstanceVariant,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    RealTimeEndpoint,
)

REGION = "eu-west-1"

app = App()
stack = Stack(app, "inference-pipeline", env=Environment(account="111122223333", region=REGION))

role = ExecutionRole(stack, "ExecutionRole", endpoint_name="pipeline", artifact_buckets=[])
repository = ecr.Repository.from_repository_name(stack, "Repository", "prepare-rows")
prepare = ModelContainer(
    image=ContainerImage.by_digest(repository, "sha256:" + "0" * 64),
    artifact=ModelArtifact.archive(
        "s3://my-model-artifacts/prepare/3/model.tar.gz", version_id="3HL4kqtJlcpXroDTDmJ"
    ),
    hostname="prepare",
)
predict = ModelContainer(
    image=ContainerImage.deep_learning(
        "pytorch-inference", "2.6.0-cpu-py312-ubuntu22.04-sagemaker-v1.2", region=REGION
    ),
    artifact=ModelArtifact.file("s3://my-model-artifacts/predict/7/model.onnx"),
    environment={"SAGEMAKER_PROGRAM": "inference.py"},
    hostname="predict",
)
model = Model(stack, "Model", source=ModelSource.pipeline([prepare, predict]), role=role.role)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="pipeline")

# What scanners find and what stays, each with its reason.
Findings.acknowledge(
    model,
    "SageMakerChecks::SageMaker.5",
    "CKV_AWS_370",
    reason="AWS excludes this image from isolation: it reads S3",
)
Findings.acknowledge_known(stack)

app.synth()
