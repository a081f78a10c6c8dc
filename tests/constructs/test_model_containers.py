from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Aws, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from tidegate import (
    ContainerImage,
    ExecutionRole,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    Serverless,
    ServerlessEndpoint,
)

Render = Callable[[], Template]
MODEL = "AWS::SageMaker::Model"
DIGEST = "sha256:" + "a" * 64
IMAGE = ContainerImage.scikit_learn("1.2-1", region="us-east-1", digest=DIGEST)


def container(**changes: Any) -> ModelContainer:
    return ModelContainer(**{"image": IMAGE, **changes})


def properties(template: Template) -> Any:
    (found,) = template.find_resources(MODEL).values()
    return found["Properties"]


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com"),
        ("eu-west-1", "141502667606.dkr.ecr.eu-west-1.amazonaws.com"),
        ("cn-north-1", "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_classic_images_come_from_the_account_of_the_region(region: str, host: str) -> None:
    assert ContainerImage.scikit_learn("1.2-1", region=region).uri == (
        f"{host}/sagemaker-scikit-learn:1.2-1-cpu-py3"
    )
    assert ContainerImage.xgboost("1.7-1", region=region).uri == f"{host}/sagemaker-xgboost:1.7-1"


@pytest.mark.parametrize(
    ("region", "account"),
    [("us-east-1", "763104351884"), ("me-south-1", "217643126080"), ("af-south-1", "626614931356")],
)
def test_deep_learning_containers_come_from_the_account_of_the_region(region: str, account: str) -> None:
    image = ContainerImage.deep_learning("pytorch-inference", "2.6.0-cpu-py312-v1.2", region=region)
    assert image.uri == (f"{account}.dkr.ecr.{region}.amazonaws.com/pytorch-inference:2.6.0-cpu-py312-v1.2")
    assert image.repository_arn == f"arn:aws:ecr:{region}:{account}:repository/pytorch-inference"


def test_a_digest_pins_a_prebuilt_image() -> None:
    image = ContainerImage.deep_learning("pytorch-inference", "2.6", region="us-east-1", digest=DIGEST)
    assert image.uri.endswith(f"/pytorch-inference@{DIGEST}")


def test_an_image_of_the_own_account_is_named_by_digest(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Repository", "mine")
    image = ContainerImage.by_digest(repository, DIGEST)
    Model(stack, "Model", source=ModelSource.container(container(image=image)), role=role)
    found = properties(template())
    assert found["PrimaryContainer"]["Image"]["Fn::Join"][1][-1] == f"/mine@{DIGEST}"
    assert found["Tags"] == [{"Key": "tidegate:image-digest", "Value": DIGEST}]


def test_a_tag_is_accepted_where_tags_cannot_move(stack: Stack) -> None:
    immutable = ecr.Repository(stack, "Fixed", image_tag_mutability=ecr.TagMutability.IMMUTABLE)
    imported = ecr.Repository.from_repository_name(stack, "Imported", "mine")
    assert ContainerImage.by_immutable_tag(immutable, "1.0").digest is None
    assert ContainerImage.by_immutable_tag(imported, "1.0", immutable=True).uri.endswith(":1.0")


def test_rejects_a_tag_that_may_move_with_reason_and_page(stack: Stack) -> None:
    mutable = ecr.Repository(stack, "Mutable")
    imported = ecr.Repository.from_repository_name(stack, "Imported", "mine")
    for repository in (mutable, imported):
        with pytest.raises(ValueError, match=r"because a moved tag .*\[image-tag-mutable: https://"):
            ContainerImage.by_immutable_tag(repository, "1.0")
    with pytest.raises(ValueError, match="tags must be immutable"):
        ContainerImage.by_immutable_tag(mutable, "1.0", immutable=True)


def test_rejects_latest_everywhere(stack: Stack) -> None:
    imported = ecr.Repository.from_repository_name(stack, "Imported", "mine")
    with pytest.raises(ValueError, match="a tag must name one image, got 'latest'"):
        ContainerImage.by_immutable_tag(imported, "latest", immutable=True)
    with pytest.raises(ValueError, match="version must be the tag of one release"):
        ContainerImage.deep_learning("pytorch-inference", "latest", region="us-east-1")


def test_rejects_latest_in_a_plain_address() -> None:
    with pytest.raises(
        ValueError, match=r"must name one image, got 'a/b:latest', because .*image-tag-latest"
    ):
        ModelSource.image("a/b:latest")


def test_rejects_a_deep_learning_tag_that_aws_moves() -> None:
    with pytest.raises(ValueError, match=r"ending like -v1.2, got '2.6.0-cpu-py312'"):
        ContainerImage.deep_learning("pytorch-inference", "2.6.0-cpu-py312", region="us-east-1")


@pytest.mark.parametrize("region", ["nowhere-1", Aws.REGION], ids=["unknown", "a token"])
def test_rejects_a_region_without_a_known_registry(region: str) -> None:
    with pytest.raises(ValueError, match="region must be a known one"):
        ContainerImage.xgboost("1.7-1", region=region)


def test_rejects_a_version_that_was_never_published() -> None:
    with pytest.raises(ValueError, match=r"must be one of \['0.20.0', .*\], got '9.9'"):
        ContainerImage.scikit_learn("9.9", region="us-east-1")


def test_rejects_a_malformed_digest(stack: Stack) -> None:
    repository = ecr.Repository.from_repository_name(stack, "Repository", "mine")
    with pytest.raises(ValueError, match="digest must be sha256: and 64"):
        ContainerImage.by_digest(repository, "sha256:abc")


@pytest.mark.parametrize(
    ("artifact", "expected"),
    [
        (ModelArtifact.archive("s3://b/m.tar.gz"), {"ModelDataUrl": "s3://b/m.tar.gz"}),
        (
            ModelArtifact.folder("s3://b/pyfunc/"),
            {
                "ModelDataSource": {
                    "S3DataSource": {
                        "CompressionType": "None",
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://b/pyfunc/",
                    }
                }
            },
        ),
        (
            ModelArtifact.file("s3://b/model.onnx"),
            {
                "ModelDataSource": {
                    "S3DataSource": {
                        "CompressionType": "None",
                        "S3DataType": "S3Object",
                        "S3Uri": "s3://b/model.onnx",
                    }
                }
            },
        ),
        (
            ModelArtifact.many_models("s3://b/many/"),
            {
                "ModelDataUrl": "s3://b/many/",
                "Mode": "MultiModel",
                "MultiModelConfig": {"ModelCacheSetting": "Enabled"},
            },
        ),
    ],
)
def test_each_kind_of_artifact_is_told_in_its_own_way(
    stack: Stack, role: iam.IRole, template: Render, artifact: ModelArtifact, expected: dict[str, Any]
) -> None:
    Model(stack, "Model", source=ModelSource.container(container(artifact=artifact)), role=role)
    found = properties(template())["PrimaryContainer"]
    assert {key: value for key, value in found.items() if key != "Image"} == expected


def test_rarely_used_models_may_stay_out_of_the_cache(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    many = container(artifact=ModelArtifact.many_models("s3://b/many/"), cached=False)
    Model(stack, "Model", source=ModelSource.container(many), role=role)
    found = properties(template())["PrimaryContainer"]
    assert found["MultiModelConfig"] == {"ModelCacheSetting": "Disabled"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ModelArtifact.archive("s3://b/m.zip"), "uri must end in .tar.gz, got 's3://b/m.zip'"),
        (lambda: ModelArtifact.folder("s3://b/pyfunc"), "uri must end in /, got 's3://b/pyfunc'"),
        (lambda: ModelArtifact.many_models("s3://b/many"), "uri must end in /, .*TargetModel"),
        (lambda: ModelArtifact.file("http://b/m"), "uri must be an s3:// address"),
        (lambda: ModelArtifact.archive("s3://b/m.tar.gz", version_id="x" * 257), "1 to 256 characters"),
        (lambda: container(environment={str(n): "" for n in range(101)}), "at most 100 variables, got 101"),
        (lambda: container(environment={"A": "x" * 1025}), "at most 1024 bytes .* got 1025"),
        (lambda: container(hostname="a_b"), "hostname must be letters"),
    ],
)
def test_rejects_parts_that_sagemaker_refuses(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_pipeline_keeps_the_order_and_runs_one_after_the_other(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    parts = [container(hostname=name) for name in ("prepare", "predict")]
    Model(stack, "Model", source=ModelSource.pipeline(parts), role=role)
    found = properties(template())
    assert [one["ContainerHostname"] for one in found["Containers"]] == ["prepare", "predict"]
    assert found["InferenceExecutionConfig"] == {"Mode": "Serial"}
    assert "PrimaryContainer" not in found


def test_containers_may_be_called_directly(stack: Stack, role: iam.IRole, template: Render) -> None:
    parts = [container(hostname=name) for name in ("a", "b")]
    Model(stack, "Model", source=ModelSource.direct(parts), role=role)
    template().has_resource_properties(MODEL, {"InferenceExecutionConfig": {"Mode": "Direct"}})


def test_versions_and_digests_of_several_containers_are_recorded_by_number(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    versioned = ModelArtifact.archive("s3://b/m.tar.gz", version_id="v7")
    parts = [container(), container(artifact=versioned)]
    Model(stack, "Model", source=ModelSource.pipeline(parts), role=role)
    assert {tag["Key"]: tag["Value"] for tag in properties(template())["Tags"]} == {
        "tidegate:image-digest:1": DIGEST,
        "tidegate:image-digest:2": DIGEST,
        "tidegate:artifact-version:2": "v7",
    }


@pytest.mark.parametrize(("count", "fits"), [(1, False), (2, True), (15, True), (16, False)])
def test_rejects_too_few_and_too_many_containers(count: int, *, fits: bool) -> None:
    parts = [container(hostname=f"c{n}") for n in range(count)]
    if fits:
        assert len(ModelSource.pipeline(parts).containers) == count
        return
    with pytest.raises(ValueError, match=f"containers must be 2 to 15, got {count}, because .*https://"):
        ModelSource.pipeline(parts)


def test_rejects_direct_containers_without_names() -> None:
    with pytest.raises(ValueError, match=r"hostname must be set on every container, got \['a'\]"):
        ModelSource.direct([container(hostname="a"), container()])


def test_rejects_a_pipeline_with_some_names() -> None:
    with pytest.raises(ValueError, match="all containers or none"):
        ModelSource.pipeline([container(hostname="a"), container()])


def test_rejects_two_containers_of_one_name() -> None:
    with pytest.raises(ValueError, match="hostnames must differ"):
        ModelSource.direct([container(hostname="a"), container(hostname="a")])


def test_rejects_many_models_where_a_request_names_a_container() -> None:
    many = container(artifact=ModelArtifact.many_models("s3://b/many/"), hostname="a")
    with pytest.raises(ValueError, match="at most 0 of several containers may be multi-model, got 1"):
        ModelSource.direct([many, container(hostname="b")])


def test_rejects_environments_that_are_too_large_together() -> None:
    big = {str(n): "x" * 1000 for n in range(17)}
    with pytest.raises(ValueError, match="32768 bytes in all"):
        ModelSource.pipeline([container(environment=big), container(environment=big)])


def test_the_role_may_read_these_files_and_pull_this_image_only(stack: Stack, template: Render) -> None:
    role = ExecutionRole(stack, "Role", endpoint_name="digits", artifact_buckets=[])
    many = container(artifact=ModelArtifact.many_models("s3://models/many/"))
    Model(stack, "Model", source=ModelSource.container(many), role=role.role)
    rendered = template()
    (name,) = [one for one in rendered.find_resources("AWS::IAM::ManagedPolicy") if "RoleNeeds" in one]
    found = rendered.to_json()["Resources"][name]["Properties"]["PolicyDocument"]["Statement"]
    resources = [one["Resource"] for one in found]
    assert resources[:2] == [
        "*",
        "arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-scikit-learn",
    ]
    assert resources[2]["Fn::Join"][1][-1] == ":s3:::models/many/*"
    assert found[3]["Condition"] == {"StringLike": {"s3:prefix": ["many/*"]}}
    rendered.has_resource(MODEL, {"DependsOn": Match.array_with([name])})


def test_another_artifact_version_makes_another_fingerprint(stack: Stack, role: iam.IRole) -> None:
    one, same, other = (
        Model(
            stack,
            name,
            source=ModelSource.container(
                container(artifact=ModelArtifact.archive("s3://b/m.tar.gz", version_id=version))
            ),
            role=role,
        )
        for name, version in (("One", "1"), ("Same", "1"), ("Other", "2"))
    )
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            ModelSource.container(container(artifact=ModelArtifact.folder("s3://b/f/"))),
            "serverless/uncompressed-artifact",
        ),
        (
            ModelSource.container(container(artifact=ModelArtifact.many_models("s3://b/f/"))),
            "serverless/multi-model-container",
        ),
        (ModelSource.pipeline([container(), container()]), "serverless/inference-pipeline"),
    ],
)
def test_rejects_what_serverless_cannot_serve(
    stack: Stack, role: iam.IRole, source: ModelSource, message: str
) -> None:
    model = Model(stack, "Model", source=source, role=role)
    size = Serverless.on_demand(memory_mb=1024, max_concurrency=1)
    with pytest.raises(ValueError, match=rf"\[{message}: https://"):
        ServerlessEndpoint(stack, "Endpoint", model=model, serverless=size)
