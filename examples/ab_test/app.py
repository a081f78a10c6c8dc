"""An A/B test between two models, which ends by itself and tells what is left to do.

Run `pip install tidegate`, put in your own image, artifacts, deadline and address, then
`cdk deploy --app "python app.py"`. Clients pin their users as in `client.py`.
"""

from datetime import UTC, datetime

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from tidegate import ABTest, ExecutionRole, Findings, InstanceVariant, Model, ModelSource, RealTimeEndpoint

app = App()
stack = Stack(app, "ab-test")

artifacts = s3.Bucket.from_bucket_name(stack, "Artifacts", "my-model-artifacts")
role = ExecutionRole(stack, "ExecutionRole", endpoint_name="ranking", artifact_buckets=[artifacts])
image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model@sha256:" + "0" * 64


def variant(name: str, *, weight: float) -> InstanceVariant:
    """Return a fleet with a model of its own."""
    source = ModelSource.image(image, artifact_uri=f"s3://my-model-artifacts/{name}/model.tar.gz")
    model = Model(stack, f"Model-{name}", source=source, role=role.role, network_isolation=True)
    return InstanceVariant(
        name=name, model=model, instance_type="ml.m5.large", initial_count=2, weight=weight
    )


trees, network = variant("trees", weight=80), variant("network", weight=20)
endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[trees, network], endpoint_name="ranking")

topic = sns.Topic(stack, "Told", enforce_ssl=True)
topic.add_subscription(subscriptions.EmailSubscription("ranking-team@example.com"))
ABTest(
    stack,
    "Test",
    endpoint=endpoint,
    variants=[trees, network],
    champion=trees,
    deadline=datetime(2027, 1, 31, 12, tzinfo=UTC),
    idle_after=Duration.days(2),
    topic=topic,
)

# What scanners find and what stays, each with its reason.
Findings.acknowledge(topic, "CKV_AWS_26", reason="messages hold names and numbers, no secrets")
Findings.acknowledge_known(stack)

app.synth()
