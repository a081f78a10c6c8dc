"""Inference components: two models share one fleet, each with copies of its own.

Put in your own repository, bucket and region, then `cdk deploy --app "python app.py"`.
"""

from aws_cdk import App, Environment, Stack

from tidegate import (
    ComponentCompute,
    ComponentEndpoint,
    ComponentRollingUpdate,
    ContainerImage,
    ExecutionRole,
    Findings,
    InferenceComponent,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
)

REGION = "eu-west-1"

app = App()
stack = Stack(app, "inference-components", env=Environment(account="111122223333", region=REGION))

role = ExecutionRole(stack, "ExecutionRole", endpoint_name="shared", artifact_buckets=[])
fleet = ComponentEndpoint(
    stack,
    "Fleet",
    role=role.role,
    instance_type="ml.m5.xlarge",
    min_instances=2,
    max_instances=4,
    endpoint_name="shared",
)
for name in ("Digits", "Letters"):
    container = ModelContainer(
        image=ContainerImage.scikit_learn("1.2-1", region=REGION),
        artifact=ModelArtifact.archive(f"s3://my-model-artifacts/{name.lower()}/7/model.tar.gz"),
    )
    model = Model(stack, f"{name}Model", source=ModelSource.container(container), role=role.role)
    Findings.acknowledge(
        model,
        "SageMakerChecks::SageMaker.5",
        "CKV_AWS_370",
        reason="a model on a shared fleet may not have it",
    )
    InferenceComponent(
        stack,
        name,
        endpoint=fleet,
        model=model,
        copies=2,
        compute=ComponentCompute(min_memory_mb=1024, cpu_cores=1),
        rolling_update=ComponentRollingUpdate(batch_percent=50, wait_seconds=120),
    )

# What scanners find and what stays, each with its reason.
Findings.acknowledge_known(stack)

app.synth()
