"""An MLflow model with its pyfunc flavour, as MLflow saved it: a folder in S3, not an archive.

The image is MLflow's own scoring server: `mlflow sagemaker build-and-push-container` puts it into your ECR.
Put in its digest, your folder and your region, then `cdk deploy --app "python app.py"`.
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
stack = Stack(app, "mlflow-model", env=Environment(account="111122223333", region="eu-west-1"))

role = ExecutionRole(stack, "ExecutionRole", endpoint_name="mlflow", artifact_buckets=[])
repository = ecr.Repository.from_repository_name(stack, "Repository", "mlflow-pyfunc")
container = ModelContainer(
    image=ContainerImage.by_digest(repository, "sha256:" + "0" * 64),
    # The folder with `MLmodel` in it; a new version of the model is a new folder.
    artifact=ModelArtifact.folder("s3://my-model-artifacts/churn/7/model/"),
    environment={"MLFLOW_DEPLOYMENT_FLAVOR_NAME": "python_function", "DISABLE_NGINX": "true"},
)
model = Model(stack, "Model", source=ModelSource.container(container), role=role.role, network_isolation=True)
live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="mlflow")

# What scanners find and what stays, each with its reason.
Findings.acknowledge_known(stack)

app.synth()
