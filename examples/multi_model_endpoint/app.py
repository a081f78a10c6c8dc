"""A multi-model endpoint: many scikit-learn models of one prefix behind AWS's own image.

Each request names its `TargetModel`, a key below the prefix. Put in your own bucket and region, then
`cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Environment, Stack

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
stack = Stack(app, "multi-model-endpoint", env=Environment(account="111122223333", region=REGION))

# The model gives the role what its containers need, so no bucket is named here.
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="many", artifact_buckets=[])
container = ModelContainer(
    image=ContainerImage.scikit_learn("1.2-1", region=REGION),
    artifact=ModelArtifact.many_models("s3://my-model-artifacts/many/"),
)
model = Model(stack, "Model", source=ModelSource.container(container), role=role.role)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="many")

# What scanners find and what stays, each with its reason.
Findings.acknowledge(
    model,
    "SageMakerChecks::SageMaker.5",
    "CKV_AWS_370",
    reason="AWS excludes this image from isolation: it reads S3",
)
Findings.acknowledge_known(stack)

app.synth()
