"""A shadow variant: a new model gets copies of half of the requests, and nobody sees its answers.

Requests and answers of the live model are kept in S3, and each answer is explained. Put in your own bucket
and region, then `cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Environment, Stack

from tidegate import (
    ContainerImage,
    DataCapture,
    ExecutionRole,
    Explainer,
    Findings,
    InstanceVariant,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    RealTimeEndpoint,
    RoutingStrategy,
    VariantOptions,
)

REGION = "eu-west-1"

app = App()
stack = Stack(app, "shadow-endpoint", env=Environment(account="111122223333", region=REGION))

role = ExecutionRole(stack, "ExecutionRole", endpoint_name="shadowed", artifact_buckets=[])
image = ContainerImage.scikit_learn("1.2-1", region=REGION)
live, shadow = (
    InstanceVariant(
        name=name,
        model=Model(
            stack,
            f"Model{version}",
            source=ModelSource.container(
                ModelContainer(
                    image=image,
                    artifact=ModelArtifact.archive(f"s3://my-model-artifacts/{version}/model.tar.gz"),
                )
            ),
            role=role.role,
        ),
        instance_type="ml.m5.large",
        initial_count=2,
        weight=weight,
        options=VariantOptions(routing=RoutingStrategy.LEAST_OUTSTANDING_REQUESTS, volume_size_gb=50),
    )
    for name, version, weight in (("live", 7, 1.0), ("shadow", 8, 0.5))
)
RealTimeEndpoint(
    stack,
    "Endpoint",
    variants=[live],
    shadow=shadow,
    data_capture=DataCapture.of(percent=20, destination_uri="s3://my-captured-data/digits"),
    explainer=Explainer.shap("0.5,1.0,3.2", samples=200, seed=1),
    endpoint_name="shadowed",
)

# What scanners find and what stays, each with its reason.
for variant in (live, shadow):
    Findings.acknowledge(
        variant.model,
        "SageMakerChecks::SageMaker.5",
        "CKV_AWS_370",
        reason="AWS excludes this image from isolation: it reads S3",
    )
Findings.acknowledge_known(stack)

app.synth()
