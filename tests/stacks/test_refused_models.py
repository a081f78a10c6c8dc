"""What a service file must not say of models and fleets."""

from tests.stacks.conftest import Refusal, refusals


@refusals(
    (
        "batch",
        "  image: 111122223333",
        "  framework: xgboost\n  image: 111122223333",
        "model: must have either an image or a framework",
    ),
    (
        "batch",
        "@sha256:" + "0" * 64,
        ":7",
        (
            "model.image: must name a digest (@sha256:...), or say immutable_tag: true for a tag that n"
            "ever moves"
        ),
    ),
    (
        "batch",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/my-model",
        "docker.io/my-model",
        "model.image: must look like 111122223333.dkr.ecr",
    ),
    ("serverless", "  version: 1.2-1\n", "", "model.version: is missing: a framework needs a version"),
    ("serverless", "version: 1.2-1", "version: 9.9-9", "version must be one of"),
    (
        "serverless",
        "s3://my-model-artifacts/faces/7/model.tar.gz",
        "/faces/model.tar.gz",
        "model.artifact: must look like s3://my-bucket/some/prefix",
    ),
    ("multi-model", "/many/", "/many", "model.models: must look like s3://my-bucket/some/prefix/"),
    (
        "multi-model",
        "  models:",
        "  artifact: s3://my-bucket/a.tar.gz\n  models:",
        "model.models: excludes an artifact",
    ),
    ("pipeline", "  execution: serial\n", "", "model.execution: is missing: containers are called"),
    (
        "pipeline",
        "  execution: serial",
        "  execution: serial\n  framework: xgboost",
        "model.framework: does not go with containers",
    ),
    ("multi-container", "    - hostname: faces\n      framework", "    - framework", "hostname"),
    (
        "shadow",
        "  package: arn:aws:sagemaker",
        "  execution: direct\n  package: arn:aws:sagemaker",
        "model.execution: does not go with package",
    ),
    ("shadow", "model-package/faces/7", "model/faces", "model.package: must look like arn:aws:sagemaker"),
    (
        "shadow",
        "arn:aws:s3:::my-model-artifacts",
        "my-model-artifacts",
        "model.buckets[0]: must look like arn:aws:s3:::my-bucket, got 'my-model-artifacts'",
    ),
    ("pipeline", "vpc: vpc-0123456789abcdef0", "vpc: my-vpc", "model.network.vpc: must match ^vpc-"),
)
def test_rejects_models_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    (
        "shadow",
        "  instances: 2\n  shadow",
        "  instances: 0\n  shadow",
        "endpoint.instances: must be at least 1, got 0",
    ),
    (
        "async",
        "  startup_timeout_seconds: 900",
        "  volume_gb: 20",
        "async.volume_gb: ml.g5.xlarge has a local disk of a fixed size, got 20",
    ),
    (
        "async",
        "startup_timeout_seconds: 900",
        "startup_timeout_seconds: 30",
        "async.startup_timeout_seconds: must be at least 60, got 30",
    ),
    (
        "rolled-out",
        "least-outstanding-requests",
        "round-robin",
        "endpoint.routing: must be 'random' or 'least-outstanding-requests', got 'round-robin'",
    ),
    (
        "variants",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "1234/56",
        "endpoint.volume_key: must look like",
    ),
)
def test_rejects_fleets_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    (
        "variants",
        (
            "model:\n  framework: scikit-learn\n  version: 1.2-1\n  artifact: s3://my-model-artifacts/face"
            "s/7/model.tar.gz\n"
        ),
        "",
        "endpoint.variants.steady.model: is missing: neither the variant nor the file names a model",
    ),
    ("variants", "    steady:", "    Steady:", "must be lower-case letters, digits"),
    (
        "variants",
        "weight: 9",
        "weight: -1",
        "endpoint.variants.steady.weight: must be at least 0, got -1",
    ),
)
def test_rejects_variants_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found


@refusals(
    (
        "ab-test",
        "champion: trees",
        "champion: shrubs",
        ("endpoint.ab_test.champion: must be one of the tested variants (trees, network), got 'shrubs'"),
    ),
    ("ab-test", "weight: 20", "weight: 0", "must have two or more variants with a weight above 0, got 1"),
    (
        "ab-test",
        '"2027-01-31T12:00:00+01:00"',
        '"2027-01-31"',
        "endpoint.ab_test.deadline: must be a time with its zone",
    ),
    (
        "ab-test",
        '"2027-01-31T12:00:00+01:00"',
        "2027-01-31T12:00:00+01:00",
        "endpoint.ab_test.deadline: must be a time with its zone, in quotes",
    ),
    ("ab-test", "idle_hours: 48", "idle_hours: 0.5", "idle_hours: must be at least 1, got 0.5"),
)
def test_rejects_a_b_tests_that_are_not_allowed(refusal: Refusal) -> None:
    assert refusal.told, refusal.found
