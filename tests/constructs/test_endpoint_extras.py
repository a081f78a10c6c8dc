from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from tidegate import (
    ContainerImage,
    DataCapture,
    ExecutionRole,
    Explainer,
    InstanceVariant,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    RealTimeEndpoint,
    RoutingStrategy,
    VariantOptions,
)

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]
CONFIG = "AWS::SageMaker::EndpointConfig"
CAPTURE = DataCapture.of(percent=20, destination_uri="s3://captured/digits")


def config(template: Template) -> Any:
    (found,) = template.find_resources(CONFIG).values()
    return found["Properties"]


def many_models(stack: Stack, role: iam.IRole) -> Model:
    container = ModelContainer(
        image=ContainerImage.scikit_learn("1.2-1", region="us-east-1"),
        artifact=ModelArtifact.many_models("s3://models/many/"),
    )
    return Model(stack, "Many", source=ModelSource.container(container), role=role)


def test_a_shadow_stands_beside_the_only_variant(stack: Stack, variant: Make, template: Render) -> None:
    shadow = variant(name="shadow", weight=0.5)
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()], shadow=shadow)
    found = config(template())
    assert [one["VariantName"] for one in found["ProductionVariants"]] == ["live"]
    (one,) = found["ShadowProductionVariants"]
    assert (one["VariantName"], one["InitialVariantWeight"]) == ("shadow", 0.5)


def test_rejects_a_shadow_beside_two_variants(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"shadow.*https://"):
        RealTimeEndpoint(
            stack, "Endpoint", variants=[variant(), variant(name="b")], shadow=variant(name="shadow")
        )


def test_rejects_a_shadow_on_inferentia_1(stack: Stack, variant: Make) -> None:
    shadow = variant(name="shadow", instance_type="ml.inf1.xlarge")
    with pytest.raises(ValueError, match=r"shadow-tests-exclusions"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant()], shadow=shadow)


def test_rejects_a_shadow_of_many_models(stack: Stack, role: iam.IRole, variant: Make) -> None:
    shadow = variant(name="shadow", model=many_models(stack, role))
    with pytest.raises(ValueError, match=r"shadow-tests-exclusions"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant()], shadow=shadow)


def test_rejects_a_shadow_with_the_name_of_the_variant(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match="shadow must differ in name from the variants, got 'live'"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant()], shadow=variant())


def test_captured_data_goes_to_its_destination(stack: Stack, variant: Make, template: Render) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:000000000000:key/k")
    capture = DataCapture(
        percent=100,
        destination_uri="s3://captured/digits",
        modes=("Output",),
        csv_content_types=("text/csv",),
        kms_key=key,
    )
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()], data_capture=capture)
    assert config(template())["DataCaptureConfig"] == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://captured/digits",
        "CaptureOptions": [{"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
        "KmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/k",
    }


def test_the_role_may_write_what_is_captured_before_the_configuration(stack: Stack, template: Render) -> None:
    role = ExecutionRole(stack, "Role", endpoint_name="digits", artifact_buckets=[])
    model = Model(stack, "Model", source=ModelSource.image("image"), role=role.role)
    live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large")
    RealTimeEndpoint(stack, "Endpoint", variants=[live], data_capture=CAPTURE)
    rendered = template()
    (name,) = [one for one in rendered.find_resources("AWS::IAM::ManagedPolicy") if "RoleNeeds" in one]
    (statement,) = rendered.to_json()["Resources"][name]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "s3:PutObject"
    assert statement["Resource"]["Fn::Join"][1][-1] == ":s3:::captured/digits/*"
    rendered.has_resource(CONFIG, {"DependsOn": Match.array_with([name])})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"percent": 101}, r"percent must be 0 to 100, got 101, because .*https://"),
        ({"destination_uri": "captured"}, "destination_uri must be an s3:// address"),
        ({"modes": ()}, "modes must be some of"),
        ({"modes": ("Both",)}, "modes must be some of"),
        ({"csv_content_types": ("a/b",) * 11}, "at most 10 of each kind"),
        ({"csv_content_types": ("a/b",), "json_content_types": ("a/b",)}, "must not be both CSV and JSON"),
    ],
)
def test_rejects_a_capture_that_cannot_work(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DataCapture(**{"percent": 20, "destination_uri": "s3://captured/digits", **changes})


def test_answers_are_explained_against_a_baseline(stack: Stack, variant: Make, template: Render) -> None:
    explainer = Explainer(
        baseline="0.5,1.0", samples=200, seed=1, feature_headers=("a", "b"), enable="`true`"
    )
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()], explainer=explainer)
    assert config(template())["ExplainerConfig"]["ClarifyExplainerConfig"] == {
        "EnableExplanations": "`true`",
        "InferenceConfig": {"FeatureHeaders": ["a", "b"]},
        "ShapConfig": {
            "NumberOfSamples": 200,
            "Seed": 1,
            "ShapBaselineConfig": {"MimeType": "text/csv", "ShapBaseline": "0.5,1.0"},
        },
    }


def test_a_baseline_in_s3_may_be_read_and_nothing_else() -> None:
    (statement,) = Explainer.shap_from("s3://baselines/digits.csv").statements()
    assert statement.actions == ["s3:GetObject"]
    assert statement.resources[0].endswith(":s3:::baselines/digits.csv")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"baseline": None}, r"exactly one of baseline and baseline_uri must be set, because .*https://"),
        ({"baseline_uri": "s3://b/c"}, "exactly one of baseline and baseline_uri"),
        ({"baseline": "x" * 4097}, "baseline must be 1 to 4096 characters"),
        ({"samples": 0}, "samples must be at least 1, got 0"),
        ({"feature_types": ("number",)}, "feature_types must be some of"),
        (
            {"feature_types": ("text",), "feature_headers": ("a", "b")},
            "as many as feature_headers, got 1 and 2",
        ),
        ({"probability_index": -1}, "probability_index must be at least 0"),
        ({"enable": "x" * 65}, "enable must be 1 to 64 characters"),
    ],
)
def test_rejects_an_explainer_that_cannot_work(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Explainer(**{"baseline": "1,2", **changes})


def test_options_of_a_fleet_reach_the_variant(stack: Stack, variant: Make, template: Render) -> None:
    arn = "arn:aws:sagemaker:us-east-1:000000000000:training-plan/mine"
    options = VariantOptions(
        routing=RoutingStrategy.LEAST_OUTSTANDING_REQUESTS,
        volume_size_gb=50,
        download_timeout_seconds=600,
        startup_timeout_seconds=900,
        provision_timeout_seconds=1200,
        reservation_arn=arn,
    )
    RealTimeEndpoint(stack, "Endpoint", variants=[variant(options=options)])
    (found,) = config(template())["ProductionVariants"]
    assert found["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
    assert found["VolumeSizeInGB"] == 50
    assert found["ModelDataDownloadTimeoutInSeconds"] == 600
    assert found["ContainerStartupHealthCheckTimeoutInSeconds"] == 900
    assert found["VariantInstanceProvisionTimeoutInSeconds"] == 1200
    assert found["CapacityReservationConfig"] == {
        "CapacityReservationPreference": "capacity-reservations-only",
        "MlReservationArn": arn,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"volume_size_gb": 0}, "volume_size_gb must be 1 to 512, got 0"),
        ({"volume_size_gb": 513}, "volume_size_gb must be 1 to 512, got 513"),
        ({"download_timeout_seconds": 59}, "download_timeout_seconds must be 60 to 3600, got 59"),
        ({"startup_timeout_seconds": 3601}, "startup_timeout_seconds must be 60 to 3600, got 3601"),
        ({"provision_timeout_seconds": 299}, "provision_timeout_seconds must be 300 to 3600, got 299"),
        ({"reservation_arn": "mine"}, "reservation_arn must be the ARN of an ML capacity reservation"),
    ],
)
def test_rejects_options_out_of_bounds(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VariantOptions(**changes)


def test_rejects_a_volume_size_for_a_local_disk(variant: Make) -> None:
    options = VariantOptions(volume_size_gb=50)
    assert variant(instance_type="ml.m5.large", options=options).options == options
    with pytest.raises(ValueError, match=r"volume_size_gb cannot be set for ml.g5.xlarge, because"):
        variant(instance_type="ml.g5.xlarge", options=options)


def test_every_extra_changes_the_shape(stack: Stack, variant: Make) -> None:
    extras: list[dict[str, Any]] = [
        {},
        {"shadow": variant(name="shadow")},
        {"data_capture": CAPTURE},
        {"explainer": Explainer.shap("1,2")},
        {"variants": [variant(options=VariantOptions(volume_size_gb=50))]},
    ]
    shapes = {
        RealTimeEndpoint(stack, f"Endpoint{number}", **{"variants": [variant()], **extra}).shape_hash
        for number, extra in enumerate(extras)
    }
    assert len(shapes) == len(extras)
