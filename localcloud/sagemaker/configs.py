"""Endpoint configurations.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from dataclasses import dataclass
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import NotEmulated
from localcloud.sagemaker.async_config import AsyncSettings
from localcloud.sagemaker.capture import CaptureSettings, check_capture
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.names import Params, already_there, arn, invalid, not_found, require_emulated
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.variants import VariantSettings, check_variants, read_variant

_KEPT: Final = ("KmsKeyId", "MetricsConfig", "AsyncInferenceConfig", "DataCaptureConfig", "ExecutionRoleArn")
_CONFIG: Final = frozenset(
    {"EndpointConfigName", "ProductionVariants", "ShadowProductionVariants", "Tags", *_KEPT}
)
_FREQUENCIES: Final = (10, 30, 60, 120, 180, 240, 300)
_DEFAULT_FREQUENCY: Final = 60
_LISTING: Final = Listing(result="EndpointConfigs", name="EndpointConfigName")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointConfig:
    """An endpoint configuration.

    Attributes:
        name: as given.
        arn: its ARN.
        created: epoch seconds.
        variants: production variants in the order given, then shadow variants.
        metrics_seconds: interval at which invocation metrics are published, cloud seconds.
        asynchronous: where answers go, when endpoints of it are asynchronous.
        capture: what is captured of requests and answers, if anything.
        description: members that DescribeEndpointConfig gives back as they were.

    """

    name: str
    arn: str
    created: float
    variants: tuple[VariantSettings, ...]
    metrics_seconds: int
    asynchronous: AsyncSettings | None
    capture: CaptureSettings | None
    description: dict[str, Any]


class EndpointConfigs:
    """The endpoint configurations of the account. KmsKeyId and volume sizes are recorded only."""

    def __init__(self, clock: CloudClock, tags: Tags, models: Models) -> None:
        self._clock = clock
        self._tags = tags
        self._models = models
        self._configs: dict[str, EndpointConfig] = {}

    def get(self, name: str) -> EndpointConfig:
        """Return a configuration.

        Raises:
            AwsError: ValidationException, when there is none.

        """
        config = self._configs.get(name.lower())
        if config is None:
            raise not_found("endpoint configuration", arn("endpoint-config", name))
        return config

    def op_create_endpoint_config(self, params: Params) -> dict[str, Any]:
        """Create a configuration of instance variants whose models exist."""
        require_emulated(params, _CONFIG, "CreateEndpointConfig")
        name = params["EndpointConfigName"]
        if name.lower() in self._configs:
            raise already_there("endpoint configuration", arn("endpoint-config", name))
        production = params["ProductionVariants"]
        shadows = params.get("ShadowProductionVariants", [])
        variants = tuple(
            read_variant(each, self._models, shadow=number >= len(production))
            for number, each in enumerate([*production, *shadows])
        )
        _check_role(params, variants)
        check_variants(variants, asynchronous="AsyncInferenceConfig" in params)
        capture = params.get("DataCaptureConfig", {})
        check_capture(capture, serverless=any(variant.serverless for variant in variants))
        kept = {key: params[key] for key in _KEPT if key in params}
        kept["ProductionVariants"] = [{"InitialVariantWeight": 1.0, **each} for each in production]
        if shadows:
            kept["ShadowProductionVariants"] = [{"InitialVariantWeight": 1.0, **each} for each in shadows]
        config = EndpointConfig(
            name=name,
            arn=arn("endpoint-config", name),
            created=self._clock.now(),
            variants=variants,
            metrics_seconds=_invocation_frequency(params.get("MetricsConfig", {})),
            asynchronous=_asynchronous(params, variants),
            capture=CaptureSettings.read(capture),
            description=kept,
        )
        self._configs[name.lower()] = config
        self._tags.create(config.arn, params.get("Tags"))
        return {"EndpointConfigArn": config.arn}

    def op_describe_endpoint_config(self, params: Params) -> dict[str, Any]:
        """Describe a configuration."""
        config = self.get(params["EndpointConfigName"])
        return config.description | _summary(config)

    def op_delete_endpoint_config(self, params: Params) -> dict[str, Any]:
        """Delete a configuration, also one in use: AWS warns against that and does it.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpointConfig.html
        """
        config = self.get(params["EndpointConfigName"])
        del self._configs[config.name.lower()]
        self._tags.forget(config.arn)
        return {}

    def op_list_endpoint_configs(self, params: Params) -> dict[str, Any]:
        """List configurations."""
        return _LISTING.page(map(_summary, self._configs.values()), params)


def _check_role(params: Params, variants: tuple[VariantSettings, ...]) -> None:
    hosts_components = any(variant.mode == "Components" for variant in variants)
    if hosts_components != ("ExecutionRoleArn" in params):
        need = "is required with" if hosts_components else "goes only with"
        raise invalid(f"ExecutionRoleArn {need} variants without a model, which host inference components")


def _asynchronous(params: Params, variants: tuple[VariantSettings, ...]) -> AsyncSettings | None:
    if "AsyncInferenceConfig" not in params:
        return None
    if params.get("DataCaptureConfig", {}).get("EnableCapture"):
        raise NotEmulated("SageMaker CreateEndpointConfig.DataCaptureConfig of asynchronous endpoints")
    modes = {variant.mode for variant in variants} - {"", "Serial"}
    if modes:
        raise NotEmulated(f"SageMaker asynchronous inference with containers of mode {', '.join(modes)}")
    return AsyncSettings.read(params["AsyncInferenceConfig"])


def _invocation_frequency(metrics: Params) -> int:
    frequency: int = metrics.get("MetricPublishFrequencyInSeconds", _DEFAULT_FREQUENCY)
    if frequency not in _FREQUENCIES:
        raise invalid(f"MetricPublishFrequencyInSeconds must be one of {_FREQUENCIES}, got {frequency}")
    if metrics.get("EnableDetailedObservability"):
        raise NotEmulated("SageMaker CreateEndpointConfig.MetricsConfig.EnableDetailedObservability")
    # Without enhanced metrics the frequency is one of utilization metrics only.
    return frequency if metrics.get("EnableEnhancedMetrics") else _DEFAULT_FREQUENCY


def _summary(config: EndpointConfig) -> dict[str, Any]:
    return {
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        "CreationTime": config.created,
    }
