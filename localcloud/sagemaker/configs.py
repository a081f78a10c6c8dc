"""Endpoint configurations.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from dataclasses import dataclass
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import NotEmulated
from localcloud.hosting import Concurrency, ContainerSpec, Served
from localcloud.sagemaker.async_config import AsyncSettings
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.names import Params, already_there, arn, invalid, not_found, require_emulated
from localcloud.sagemaker.serverless import concurrency
from localcloud.sagemaker.tags import Tags

_KEPT: Final = ("KmsKeyId", "MetricsConfig", "AsyncInferenceConfig")
_CONFIG: Final = frozenset({"EndpointConfigName", "ProductionVariants", "Tags", *_KEPT})
_NEEDED: Final = ("ModelName", "InitialInstanceCount", "InstanceType")
_VARIANT: Final = frozenset(
    {"VariantName", *_NEEDED, "InitialVariantWeight", "VolumeSizeInGB", "ServerlessConfig"}
    | {"ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds"}
)
_FREQUENCIES: Final = (10, 30, 60, 120, 180, 240, 300)
_DEFAULT_FREQUENCY: Final = 60
_LISTING: Final = Listing(result="EndpointConfigs", name="EndpointConfigName")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSettings:
    """A production variant of a configuration, with its model resolved.

    Attributes:
        name: variant name.
        instance_type: empty when the variant is serverless.
        count: instances to start with; for a serverless variant the workers that its creation starts.
        weight: initial weight.
        served: what instances run.
        serverless: its limits, when it is serverless.

    """

    name: str
    instance_type: str
    count: int
    weight: float
    served: Served
    serverless: Concurrency | None = None

    @property
    def containers(self) -> tuple[ContainerSpec, ...]:
        """The containers of an instance."""
        return (self.served,) if isinstance(self.served, ContainerSpec) else self.served.containers

    @property
    def mode(self) -> str:
        """How requests find their container: Serial, Direct or MultiModel; empty when there is one."""
        return "" if isinstance(self.served, ContainerSpec) else self.served.mode


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointConfig:
    """An endpoint configuration.

    Attributes:
        name: as given.
        arn: its ARN.
        created: epoch seconds.
        variants: in the order given.
        metrics_seconds: interval at which invocation metrics are published, cloud seconds.
        asynchronous: where answers go, when endpoints of it are asynchronous.
        description: members that DescribeEndpointConfig gives back as they were.

    """

    name: str
    arn: str
    created: float
    variants: tuple[VariantSettings, ...]
    metrics_seconds: int
    asynchronous: AsyncSettings | None
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
        variants = tuple(self._variant(each) for each in params["ProductionVariants"])
        _check_variants(variants)
        kept = {key: params[key] for key in _KEPT if key in params}
        kept["ProductionVariants"] = [
            {"InitialVariantWeight": 1.0, **v} for v in params["ProductionVariants"]
        ]
        config = EndpointConfig(
            name=name,
            arn=arn("endpoint-config", name),
            created=self._clock.now(),
            variants=variants,
            metrics_seconds=_invocation_frequency(params.get("MetricsConfig", {})),
            asynchronous=_asynchronous(params, variants),
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

    def _variant(self, given: Params) -> VariantSettings:
        require_emulated(given, _VARIANT, "CreateEndpointConfig.ProductionVariants")
        if "ServerlessConfig" in given:
            return self._serverless(given)
        for name in _NEEDED:
            if name not in given:
                raise invalid(f"{name} is required for the instance variant {given['VariantName']}")
        return VariantSettings(
            name=given["VariantName"],
            instance_type=given["InstanceType"],
            count=given["InitialInstanceCount"],
            weight=float(given.get("InitialVariantWeight", 1.0)),
            served=self._models.get(given["ModelName"]).served,
        )

    def _serverless(self, given: Params) -> VariantSettings:
        if "ModelName" not in given:
            raise invalid(f"ModelName is required for the serverless variant {given['VariantName']}")
        model = self._models.get(given["ModelName"])
        limits = concurrency(given, model)
        return VariantSettings(
            name=given["VariantName"],
            instance_type="",
            # One worker answers a ping even when none is kept warm, so that a broken model is noticed.
            count=max(1, limits.provisioned),
            weight=float(given.get("InitialVariantWeight", 1.0)),
            served=model.served,
            serverless=limits,
        )


def require_traffic(weights: list[float]) -> None:
    """Refuse weights of which none is above 0: no variant would get a request."""
    if not any(weight > 0 for weight in weights):
        raise invalid("The sum of the weights of all production variants must be greater than 0.")


def _check_variants(variants: tuple[VariantSettings, ...]) -> None:
    names = [variant.name for variant in variants]
    if len(set(names)) < len(names):
        raise invalid(f"Production variant names must be unique, got {', '.join(names)}")
    if len(variants) > 1 and any(variant.serverless for variant in variants):
        raise invalid(f"a serverless endpoint has one production variant, got {', '.join(names)}")
    require_traffic([variant.weight for variant in variants])


def _asynchronous(params: Params, variants: tuple[VariantSettings, ...]) -> AsyncSettings | None:
    if "AsyncInferenceConfig" not in params:
        return None
    if any(variant.serverless for variant in variants):
        raise invalid("AsyncInferenceConfig does not go with serverless variants")
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
