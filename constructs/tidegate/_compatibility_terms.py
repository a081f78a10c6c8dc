"""The words of the compatibility table: kinds, features, verdicts, cells, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

GUIDE: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg"
API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference"
MATRIX: Final = f"{GUIDE}/model-deploy-feature-matrix.html"
GUARDRAILS: Final = f"{GUIDE}/deployment-guardrails-exclusions.html"
SHADOWS: Final = f"{GUIDE}/shadow-tests-exclusions.html"
SERVERLESS: Final = f"{GUIDE}/serverless-endpoints.html"
ASYNC: Final = f"{GUIDE}/async-inference.html"
SCALE_ASYNC: Final = f"{GUIDE}/async-inference-autoscale.html"
MULTI_MODEL: Final = f"{GUIDE}/multi-model-endpoints.html"
MONITOR: Final = f"{GUIDE}/model-monitor.html"
PIPELINES: Final = f"{GUIDE}/inference-pipelines.html"
DIRECT: Final = f"{GUIDE}/multi-container-direct.html"
TO_ZERO: Final = f"{GUIDE}/endpoint-auto-scaling-zero-instances.html"
CONFIG_API: Final = f"{API}/API_CreateEndpointConfig.html"
COMPONENT_API: Final = f"{API}/API_CreateInferenceComponent.html"
COMPONENT_UPDATE: Final = f"{API}/API_InferenceComponentDeploymentConfig.html"
TRANSFORM_API: Final = f"{API}/API_CreateTransformJob.html"
INVOKE: Final = f"{API}/API_runtime_InvokeEndpoint.html"
INVOKE_ASYNC: Final = f"{API}/API_runtime_InvokeEndpointAsync.html"
SERVERLESS_INVOKE: Final = f"{GUIDE}/serverless-endpoints-invoke.html"
TRANSFORM_RESOURCES: Final = f"{API}/API_TransformResources.html"
POOLS: Final = f"{GUIDE}/realtime-endpoints-heterogeneous.html"
COMPONENT_CONTAINER: Final = f"{API}/API_InferenceComponentContainerSpecification.html"
MODEL_API: Final = f"{API}/API_CreateModel.html"
CONTAINER_API: Final = f"{API}/API_ContainerDefinition.html"
MODEL_CLIENT: Final = f"{API}/API_ModelClientConfig.html"
NO_MARKETPLACE: Final = "https://github.com/aws/sagemaker-python-sdk/issues/3969"
COMPONENTS_ONLY: Final = "https://github.com/hashicorp/terraform-provider-aws/pull/45926"


class Mode(Enum):
    """A kind of inference."""

    REAL_TIME = "real-time"
    MULTI_MODEL = "multi-model"
    DIRECT = "multi-container-direct"
    SERIAL = "multi-container-serial"
    COMPONENTS = "inference-components"
    SERVERLESS = "serverless"
    ASYNC = "async"
    BATCH = "batch-transform"


class Feature(Enum):
    """Something a deployment wants: variants, a strategy, or a property."""

    SEVERAL_VARIANTS = "several-variants"
    AB_TEST = "ab-test"
    SHADOW = "shadow"
    CANARY_BY_WEIGHTS = "canary-by-weights"
    GUARDRAIL_ALL_AT_ONCE = "guardrail-all-at-once"
    GUARDRAIL_CANARY = "guardrail-canary"
    GUARDRAIL_LINEAR = "guardrail-linear"
    GUARDRAIL_ROLLING = "guardrail-rolling"
    AUTOSCALING = "autoscaling"
    SCALE_TO_ZERO = "scale-to-zero"
    MANAGED_INSTANCE_SCALING = "managed-instance-scaling"
    PROVISIONED_CONCURRENCY = "provisioned-concurrency"
    DATA_CAPTURE = "data-capture"
    MODEL_MONITOR = "model-monitor"
    VPC = "vpc"
    NETWORK_ISOLATION = "network-isolation"
    MULTI_MODEL = "multi-model-container"
    PIPELINE = "inference-pipeline"
    DIRECT = "direct-containers"
    UNCOMPRESSED = "uncompressed-artifact"
    INSTANCE_POOLS = "instance-pools"
    MARKETPLACE = "marketplace"
    INF1 = "inf1"
    GPU = "gpu"
    VOLUME_KEY = "volume-key"
    LARGE_PAYLOADS = "large-payloads"
    LONG_PROCESSING = "long-processing"


class Verdict(Enum):
    """What SageMaker makes of a feature."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    FALLS_BACK = "falls back silently"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table.

    Attributes:
        verdict: What SageMaker makes of it.
        reason: Why; for a conditional cell, the condition.
        source: The AWS page or the thread that says so.

    """

    verdict: Verdict
    reason: str
    source: str


Row = Mapping[Mode, Cell]


def yes(reason: str, source: str = MATRIX) -> Cell:
    """Return an allowed cell."""
    return Cell(Verdict.ALLOWED, reason, source)


def if_(reason: str, source: str = MATRIX) -> Cell:
    """Return a conditional cell."""
    return Cell(Verdict.CONDITIONAL, reason, source)


def quiet(reason: str, source: str) -> Cell:
    """Return a cell that SageMaker ignores or downgrades without an error."""
    return Cell(Verdict.FALLS_BACK, reason, source)


def no(reason: str, source: str = MATRIX) -> Cell:
    """Return a refused cell."""
    return Cell(Verdict.REFUSED, reason, source)


def row(default: Cell, *others: tuple[tuple[Mode, ...], Cell]) -> Row:
    """Return a row: `default` everywhere but in the modes of `others`."""
    special = {mode: cell for modes, cell in others for mode in modes}
    return {mode: special.get(mode, default) for mode in Mode}
