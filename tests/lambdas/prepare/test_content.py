"""What the controller creates for a candidate."""

from typing import Any

from prepare.content import candidate_model, rollout_config
from tidegate_runtime.ports import Container, Package

LIVE_MODEL = {
    "PrimaryContainer": {
        "Image": "old-image",
        "ModelDataUrl": "s3://bucket/old",
        "ModelPackageName": "old",
        "Environment": {"LEVEL": "info", "PROGRAM": "old.py"},
    },
    "ExecutionRoleArn": "old-role",
    "EnableNetworkIsolation": True,
    "VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]},
}
OLD = Package(
    arn="old",
    group="g",
    approval="Approved",
    containers=(Container(image="old-image", environment={"PROGRAM": "old.py"}),),
)
CONFIG: dict[str, Any] = {
    "ProductionVariants": [
        {
            "VariantName": "live",
            "ModelName": "m1",
            "InitialInstanceCount": 2,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": 1.0,
            "ContainerStartupHealthCheckTimeoutInSeconds": 120,
        }
    ],
    "MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
    "KmsKeyId": "key",
}


def test_the_candidate_runs_as_live_does_but_from_its_own_package() -> None:
    model = candidate_model(LIVE_MODEL, live_package=OLD, package_arn="new", role_arn="role", prefix="digits")
    assert model["PrimaryContainer"] == {"ModelPackageName": "new", "Environment": {"LEVEL": "info"}}
    assert model["ExecutionRoleArn"] == "role"
    assert model["EnableNetworkIsolation"] is True
    assert model["VpcConfig"] == LIVE_MODEL["VpcConfig"]


def test_live_stays_as_it_is_and_the_candidate_is_dark() -> None:
    config = rollout_config(CONFIG, model_name="m2", instances=3, live_instances=5, prefix="digits")
    live, candidate = config["ProductionVariants"]
    assert live == {**CONFIG["ProductionVariants"][0], "InitialInstanceCount": 5}
    assert candidate == {
        **live,
        "VariantName": "candidate",
        "ModelName": "m2",
        "InitialInstanceCount": 3,
        "InitialVariantWeight": 0.0,
    }
    assert (config["MetricsConfig"], config["KmsKeyId"]) == (CONFIG["MetricsConfig"], "key")


def test_what_was_read_is_not_changed() -> None:
    before = repr(CONFIG)
    rollout_config(CONFIG, model_name="m2", instances=3, live_instances=5, prefix="digits")
    assert repr(CONFIG) == before
