"""The compatibility table: what each kind of inference allows, cell by cell, with the reason and the source.

Data only; `tidegate.compatibility` asks it. AWS's pages disagree in places: the API model in botocore goes
first, then the page about the feature itself, then the feature matrix.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tidegate import _compatibility_terms as at
from tidegate._compatibility_strategies import STRATEGIES
from tidegate._compatibility_terms import Cell, Feature, Mode, Row, Verdict, if_, no, row, yes

_, MM, DI, SE, IC, SL, AS, BT = Mode

_ONE_CONTAINER: Final = no(
    "each component is one container with one model; every model on the fleet is a component of its own",
    at.COMPONENT_CONTAINER,
)
_SINGLE: Final = "Model Monitor watches endpoints with a single model, and transform jobs"
_CAPTURE: Final = if_(
    "AWS lists capture together with Model Monitor, and not for this kind: see that records arrive"
)
_UNDOCUMENTED: Final = "AWS does not say that it works with inference components: try it first"
_EXCLUDED: Final = no("is among the exclusions of serverless inference", at.SERVERLESS)
_NOT_ASYNC: Final = no("AWS lists it for other kinds than asynchronous endpoints")
_ASYNC_EXCLUDED: Final = no("asynchronous inference excludes what deployment guardrails exclude", at.ASYNC)
_SHARED: Final = no("AWS lists it for endpoints with a single model or a pipeline only")
_SINGLE_ONLY: Final = no("AWS lists it for endpoints with a single model only")
_SIX_MB: Final = no("a request body is at most 6 MB", at.INVOKE)
_ONE_MINUTE: Final = no("the container must answer within 60 seconds", at.INVOKE)

PROPERTIES: Final[Mapping[Feature, Row]] = {
    Feature.DATA_CAPTURE: row(
        yes("DataCaptureConfig of the endpoint's configuration", at.CONFIG_API),
        ((MM, DI, SE), _CAPTURE),
        ((IC,), if_(_UNDOCUMENTED)),
        ((SL,), _EXCLUDED),
        ((AS,), _NOT_ASYNC),
        ((BT,), yes("DataCaptureConfig of the job", at.TRANSFORM_API)),
    ),
    Feature.MODEL_MONITOR: row(
        no(_SINGLE, at.MONITOR),
        ((Mode.REAL_TIME,), if_("needs data capture on the same endpoint", at.MONITOR)),
        ((SL,), _EXCLUDED),
        ((AS,), _NOT_ASYNC),
        ((BT,), if_("needs data capture of the job", at.MONITOR)),
    ),
    Feature.VPC: row(
        yes("VpcConfig of the model"),
        ((IC,), if_("VpcConfig of the endpoint's configuration instead of the model's", at.CONFIG_API)),
        ((SL,), _EXCLUDED),
    ),
    Feature.NETWORK_ISOLATION: row(
        yes("the containers reach nothing: not S3, not a model hub"),
        ((IC,), if_("set on the endpoint's configuration instead of the model", at.CONFIG_API)),
        ((SL,), _EXCLUDED),
        ((BT,), yes("EnableNetworkIsolation of the model that the job runs", at.MODEL_API)),
    ),
    Feature.MULTI_MODEL: row(
        yes(
            "Mode MultiModel, an artifact prefix that ends in a slash, TargetModel in each request",
            at.MULTI_MODEL,
        ),
        ((DI,), no("a container with direct invocation holds one model")),
        ((SE,), if_("at most one container of a pipeline may hold several models", at.MULTI_MODEL)),
        ((IC,), _ONE_CONTAINER),
        ((SL,), _EXCLUDED),
        ((AS,), no("an asynchronous request cannot name a target model", at.INVOKE_ASYNC)),
        ((BT,), no("a transform request names no model", at.TRANSFORM_API)),
    ),
    Feature.PIPELINE: row(
        yes("2 to 15 containers in sequence", at.PIPELINES),
        ((MM,), if_("at most one container of a pipeline may hold several models", at.MULTI_MODEL)),
        ((DI,), no("InferenceExecutionConfig is either Direct or Serial", at.DIRECT)),
        ((IC,), _ONE_CONTAINER),
        ((SL,), _EXCLUDED),
        ((AS,), _NOT_ASYNC),
    ),
    Feature.DIRECT: row(
        yes("2 to 15 containers; TargetContainerHostname of a request names one", at.DIRECT),
        ((MM, SE), no("InferenceExecutionConfig is either Direct or Serial", at.DIRECT)),
        ((IC,), _ONE_CONTAINER),
        ((SL,), _EXCLUDED),
        ((AS,), no("an asynchronous request cannot name a container", at.INVOKE_ASYNC)),
        ((BT,), no("a transform request names no container", at.TRANSFORM_API)),
    ),
    Feature.UNCOMPRESSED: row(
        yes("ModelDataSource of the container", at.CONTAINER_API),
        ((MM, SL, BT), no("ModelDataSource does not work with it", at.CONTAINER_API)),
    ),
    Feature.INSTANCE_POOLS: row(
        yes("up to 5 instance types, tried in order", at.POOLS),
        (
            (MM, DI, SE),
            no("instance pools are for endpoints with a single model and for components", at.POOLS),
        ),
        ((SL,), no("a serverless variant has no instances", at.SERVERLESS)),
        ((BT,), no("a job has one instance type", at.TRANSFORM_RESOURCES)),
    ),
    Feature.MARKETPLACE: row(
        yes("model packages of AWS Marketplace"),
        ((MM, DI, SE), _SINGLE_ONLY),
        ((IC,), if_(_UNDOCUMENTED)),
        ((SL,), _EXCLUDED),
        ((AS,), no("Marketplace images are refused with an AsyncInferenceConfig", at.NO_MARKETPLACE)),
    ),
    Feature.INF1: row(
        yes("models compiled by SageMaker Neo"),
        ((MM, DI, SE), _SINGLE_ONLY),
        ((IC,), if_(_UNDOCUMENTED)),
        ((SL,), no("serverless endpoints run on CPUs only", at.SERVERLESS)),
        ((AS,), _ASYNC_EXCLUDED),
        ((BT,), no("no transform instance type has Inferentia 1", at.TRANSFORM_API)),
    ),
    Feature.GPU: row(
        yes("instance types with GPUs"),
        ((DI,), _SHARED),
        ((SL,), no("serverless endpoints run on CPUs only", at.SERVERLESS)),
    ),
    Feature.VOLUME_KEY: row(
        if_("only on instance families whose storage is no local disk", at.CONFIG_API),
        ((SL,), yes("a key of the customer may be named")),
        ((BT,), if_("only on instance families whose storage is no local disk", at.TRANSFORM_RESOURCES)),
    ),
    Feature.LARGE_PAYLOADS: row(
        _SIX_MB,
        ((SL,), no("a request body is at most 4 MB", at.SERVERLESS_INVOKE)),
        ((AS,), yes("up to 1 GB, by way of S3", at.ASYNC)),
        ((BT,), if_("a record is at most 100 MB", at.TRANSFORM_API)),
    ),
    Feature.LONG_PROCESSING: row(
        _ONE_MINUTE,
        ((SL,), no("the container must answer within 60 seconds", at.SERVERLESS_INVOKE)),
        ((AS,), yes("up to one hour a request", at.INVOKE_ASYNC)),
        ((BT,), if_("up to one hour a request, any time a job", at.MODEL_CLIENT)),
    ),
}

TABLE: Final[Mapping[Feature, Row]] = {**STRATEGIES, **PROPERTIES}
"""Every feature's row; every row has every mode."""

_FALLBACK: Final = (
    "deployment guardrails exclude it: SageMaker shifts all traffic at once, without bake and without alarms"
)
_GUARDRAILS: Final = tuple(feature for feature in Feature if feature.value.startswith("guardrail-"))

COMBINATIONS: Final[Mapping[tuple[Feature, Feature], Cell]] = {
    **{
        (guardrail, excluded): Cell(Verdict.FALLS_BACK, _FALLBACK, at.GUARDRAILS)
        for guardrail in _GUARDRAILS
        for excluded in (Feature.MARKETPLACE, Feature.INF1)
    },
    (Feature.GUARDRAIL_ROLLING, Feature.SEVERAL_VARIANTS): Cell(
        Verdict.FALLS_BACK, "rolling deployments exclude endpoints with several variants", at.GUARDRAILS
    ),
    (Feature.UNCOMPRESSED, Feature.MARKETPLACE): no(
        "ModelDataSource does not work with products of the Marketplace", at.CONTAINER_API
    ),
    (Feature.UNCOMPRESSED, Feature.MULTI_MODEL): no(
        "ModelDataSource does not work with multi-model containers", at.CONTAINER_API
    ),
    (Feature.SHADOW, Feature.MARKETPLACE): no("is among the exclusions of shadow tests", at.SHADOWS),
    (Feature.SHADOW, Feature.INF1): no("is among the exclusions of shadow tests", at.SHADOWS),
    (Feature.SHADOW, Feature.SEVERAL_VARIANTS): no(
        "with a shadow variant there is exactly one production variant", at.CONFIG_API
    ),
}
"""Pairs that do not go together on one endpoint, whatever its kind."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take.

    Attributes:
        payload_mb: Largest payload in MB; of a record, for transform jobs.
        processing_seconds: Longest time that the container may take for one request.
        payload_source: Where the first number comes from.
        processing_source: Where the second one comes from.

    """

    payload_mb: float
    processing_seconds: int
    payload_source: str
    processing_source: str


_INSTANCE: Final = Limits(6, 60, at.INVOKE, at.INVOKE)
LIMITS: Final[Mapping[Mode, Limits]] = {
    **dict.fromkeys(Mode, _INSTANCE),
    SL: Limits(4, 60, at.SERVERLESS_INVOKE, at.SERVERLESS_INVOKE),
    AS: Limits(1024, 3600, at.ASYNC, at.INVOKE_ASYNC),
    BT: Limits(100, 3600, at.TRANSFORM_API, at.MODEL_CLIENT),
}
"""The limits of each kind. Some newer pages name 25 MB for real-time endpoints; the API model says 6."""
