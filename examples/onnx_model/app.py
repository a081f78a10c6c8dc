"""An ONNX model: one file in S3, served by a container of your own with an ONNX runtime.

Put in your own repository (with immutable tags), file, S3 version and region, then
`cdk deploy --app "python app.py"`.
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

app = App()
stack = Stack(app, "onnx-model", env=Environment(account="111122223333", region="eu-west-1"))

role = ExecutionRole(stack, "ExecutionRole", endpoint_name="onnx", artifact_buckets=[])
repository = ecr.Repository.from_repository_name(stack, "Repository", "onnx-runtime")
container = ModelContainer(
    image=ContainerImage.by_immutable_tag(repository, "1.22.0", immutable=True),
    artifact=ModelArtifact.file(
        "s3://my-model-artifacts/digits/7/model.onnx", version_id="3HL4kqtJlcpXroDTDmJ"
    ),
    environment={"MODEL_PATH": "/opt/ml/model/model.onnx"},
)
model = Model(stack, "Model", source=ModelSource.container(container), role=role.role, network_isolation=True)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="onnx")

# What scanners find and what stays, each with its reason.
Findings.acknowledge_known(stack)

app.synth()
