"""The rules about endpoints, their variants and their instances.

The bounds are those of the API model in botocore; a test compares them.
"""

from collections.abc import Mapping
from typing import Final

from tidegate import _compatibility_terms as at
from tidegate import instance_families as families
from tidegate._rulebook import Rule, between

LONGEST_NAME: Final = 63
MOST_VARIANTS: Final = 10
MOST_POOLS: Final = 5
SERVERLESS_MEMORY_MB: Final = (1024, 6144)
MEMORY_STEP_MB: Final = 1024
MOST_SERVERLESS_CONCURRENCY: Final = 200
METRICS_FREQUENCIES_SECONDS: Final = (10, 30, 60, 120, 180, 240, 300)

VARIANT: Final = f"{at.API}/API_ProductionVariant.html"
SERVERLESS_SIZE: Final = f"{at.API}/API_ProductionVariantServerlessConfig.html"
CONTROLS: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html"
_ENDPOINT: Final = f"{at.API}/API_CreateEndpoint.html"
_POOL: Final = f"{at.API}/API_InstancePool.html"
_RESERVATION: Final = f"{at.API}/API_ProductionVariantCapacityReservationConfig.html"
_MANAGED: Final = f"{at.API}/API_ProductionVariantManagedInstanceScaling.html"
_STORAGE: Final = f"{at.GUIDE}/host-instance-storage.html"
_RETAINED: Final = f"{at.API}/API_UpdateEndpoint.html"
_BOUND: Final = "that is SageMaker's bound"
_LONGEST_WAIT: Final = 3600
_DISKS: Final = " ".join(sorted(families.LOCAL_DISK))

NAMES: Final[Mapping[str, Rule]] = {
    "name-length": Rule(f"names of at most {LONGEST_NAME} characters", "", at.CONFIG_API),
    "name-characters": Rule("names of letters, digits and inner hyphens", "", at.CONFIG_API),
    "s3-address": Rule(
        "s3:// addresses no longer than the field allows",
        "SageMaker reads and writes there with the execution role",
        f"{at.API}/API_S3DataSource.html",
    ),
}

VARIANTS: Final[Mapping[str, Rule]] = {
    "variant-count": Rule(f"1 to {MOST_VARIANTS} variants", "", at.CONFIG_API),
    "variant-names": Rule("variants with different names", "requests and weights name them", at.CONFIG_API),
    "variant-weight": Rule("weights that are numbers of at least 0", "", VARIANT),
    "variant-weights-zero": Rule(
        "at least one variant with a weight above 0", "nobody would answer requests", VARIANT
    ),
    "instance-type": Rule("instance types that look like ml.m5.large", "", VARIANT),
    "instance-count": Rule("at least one instance at creation", "", VARIANT),
    "one-instance": Rule(
        "a production variant starts with at least two instances", "", CONTROLS, severity="warning"
    ),
    "volume-key-local-disk": Rule(
        f"no volume key on families with a local disk: {_DISKS}", "", at.CONFIG_API
    ),
    "volume-size-local-disk": Rule(
        f"no volume size on families with a local disk: {_DISKS}",
        "its storage is a local disk of a fixed size",
        _STORAGE,
    ),
    "elastic-inference-retired": Rule(
        "no Elastic Inference; Inferentia, smaller GPUs or inference components instead", "", VARIANT
    ),
    "volume-size": between("volume_size_gb", 1, 512, _BOUND, VARIANT),
    "download-timeout": between("download_timeout_seconds", 60, _LONGEST_WAIT, _BOUND, VARIANT),
    "startup-timeout": between("startup_timeout_seconds", 60, _LONGEST_WAIT, _BOUND, VARIANT),
    "provision-timeout": between("provision_timeout_seconds", 300, _LONGEST_WAIT, _BOUND, VARIANT),
    "capacity-reservation": Rule(
        "the ARN of an ML capacity reservation",
        "SageMaker starts the instances in it and nowhere else",
        _RESERVATION,
    ),
    "instance-pools": Rule(
        f"up to {MOST_POOLS} instance types, all different",
        "the order of the types is the order in which SageMaker tries them",
        _POOL,
    ),
    "instance-pools-reservation": Rule(
        "instance pools or a capacity reservation, not both",
        "a reservation holds one instance type, and nothing starts outside of it",
        _RESERVATION,
    ),
    "retained-properties": Rule(
        "variant properties to keep, each once", "each is kept or taken from the configuration", _RETAINED
    ),
    "retained-count-of-scaled": Rule(
        "DesiredInstanceCount is kept where a scaler owns it",
        "a deploy would reset the count that the scaler chose",
        "https://github.com/aws/aws-cdk/issues/23151",
    ),
    "metrics-frequency": Rule(
        f"one of {METRICS_FREQUENCIES_SECONDS} seconds",
        "SageMaker publishes metrics at no other pace",
        f"{at.API}/API_MetricsConfig.html",
    ),
    "guardrail-endpoint-name": Rule(
        "guardrails on a named endpoint", "the alarms are made before the endpoint", _ENDPOINT
    ),
}

KINDS: Final[Mapping[str, Rule]] = {
    "serverless-memory": Rule(
        f"{SERVERLESS_MEMORY_MB[0]} to {SERVERLESS_MEMORY_MB[1]} MB in steps of {MEMORY_STEP_MB}",
        "SageMaker sells serverless memory in steps of 1 GB",
        SERVERLESS_SIZE,
    ),
    "serverless-concurrency": Rule(
        f"1 to {MOST_SERVERLESS_CONCURRENCY} concurrent requests",
        "that is the bound of one serverless endpoint",
        SERVERLESS_SIZE,
    ),
    "serverless-provisioned-concurrency": Rule(
        "1 to the maximum concurrency", "warm workers are a part of the concurrency", SERVERLESS_SIZE
    ),
    "serverless-image-account": Rule(
        "an image of one's own lies in the endpoint's account",
        "SageMaker pulls a custom image for serverless from the same account only; copy it there",
        at.SERVERLESS,
    ),
    "async-addresses": Rule(
        "different addresses for answers and failures",
        "a consumer of answers would read failures",
        f"{at.API}/API_AsyncInferenceOutputConfig.html",
    ),
    "async-topics": Rule(
        "different topics for answers and failures",
        "a subscriber could not tell failures from answers",
        f"{at.GUIDE}/async-inference-check-predictions.html",
    ),
    "async-answers-without-topic": Rule(
        "answers in notifications only with a topic",
        "SageMaker ignores it without a topic",
        f"{at.GUIDE}/async-inference-check-predictions.html",
    ),
    "async-concurrency": between(
        "max_concurrent_invocations_per_instance",
        1,
        1000,
        _BOUND,
        f"{at.API}/API_AsyncInferenceClientConfig.html",
    ),
    "component-fleet": Rule("0 to max_instances instances, of which there is at least 1", "", _MANAGED),
    "component-fleet-zero": Rule(
        "a fleet that keeps an instance",
        "some regions refuse a minimum of 0, and without an instance the first requests fail",
        at.TO_ZERO,
        severity="warning",
    ),
    "component-copies": Rule(
        "at least one copy at creation",
        "a component is created with a copy; a scaler may go to zero later",
        at.COMPONENT_API,
    ),
    "component-network": Rule(
        "a model without a network and an isolation of its own",
        "a shared fleet takes both from the endpoint's configuration, not from the model",
        at.CONFIG_API,
    ),
    "component-compute": Rule(
        "at least 128 MB, 0.25 cores and one accelerator, and no maximum below the minimum",
        "SageMaker places copies by what they reserve",
        f"{at.API}/API_InferenceComponentComputeResourceRequirements.html",
    ),
    "payload-size": Rule("the kind's largest payload, above", "", at.MATRIX),
    "processing-time": Rule("the kind's longest processing, above", "", at.MATRIX),
    "monitor-without-capture": Rule("model-monitor needs data-capture", "", at.MONITOR),
}

HOSTING: Final[Mapping[str, Rule]] = {**NAMES, **VARIANTS, **KINDS}
