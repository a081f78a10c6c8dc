"""What the controller creates for a candidate."""

from typing import Any

from prepare.content import candidate_model, rollout_config
from tidegate_runtime.ports import Container, Package
from tidegate_runtime.state import Candidate

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


def wanted(mirror_percent: int = 0) -> Candidate:
    return Candidate(
        model_name="", config_name="", instances=3, live_instances=5, mirror_percent=mirror_percent
    )


def test_the_candidate_runs_as_live_does_but_from_its_own_package() -> None:
    model = candidate_model(LIVE_MODEL, live_package=OLD, package_arn="new", role_arn="role", prefix="digits")
    assert model["PrimaryContainer"] == {"ModelPackageName": "new", "Environment": {"LEVEL": "info"}}
    assert model["ExecutionRoleArn"] == "role"
    assert model["EnableNetworkIsolation"] is True
    assert model["VpcConfig"] == LIVE_MODEL["VpcConfig"]


def test_live_stays_as_it_is_and_the_candidate_is_dark() -> None:
    config = rollout_config(CONFIG, model_name="m2", candidate=wanted(), prefix="digits")
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


def test_a_shadow_gets_a_share_of_lives_weight_and_is_no_production_variant() -> None:
    stacks = {
        **CONFIG,
        "ProductionVariants": [{**CONFIG["ProductionVariants"][0], "InitialVariantWeight": 4.0}],
    }
    config = rollout_config(stacks, model_name="m2", candidate=wanted(25), prefix="digits")
    (live,), (shadow,) = config["ProductionVariants"], config["ShadowProductionVariants"]
    assert live == {**stacks["ProductionVariants"][0], "InitialInstanceCount": 5}
    assert shadow == {
        **live,
        "VariantName": "shadow",
        "ModelName": "m2",
        "InitialInstanceCount": 3,
        "InitialVariantWeight": 1.0,
    }
    assert config["MetricsConfig"] == CONFIG["MetricsConfig"]
    dark = rollout_config(stacks, model_name="m2", candidate=wanted(), prefix="digits")
    assert dark["EndpointConfigName"] != config["EndpointConfigName"]


def test_what_was_read_is_not_changed() -> None:
    before = repr(CONFIG)
    for percent in (0, 50):
        rollout_config(CONFIG, model_name="m2", candidate=wanted(percent), prefix="digits")
    assert repr(CONFIG) == before
