"""The variants of an endpoint configuration: of instances, serverless, or in the shadow of another.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html (what shadow variants exclude)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from localcloud.hosting import Concurrency, ContainerGroup, ContainerSpec, Served
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.names import Params, invalid, require_emulated
from localcloud.sagemaker.serverless import concurrency

_NEEDED: Final = ("InitialInstanceCount", "InstanceType")
_VARIANT: Final = frozenset(
    {
        "VariantName",
        "ModelName",
        *_NEEDED,
        "InitialVariantWeight",
        "VolumeSizeInGB",
        "ServerlessConfig",
        "RoutingConfig",
    }
    | {"ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds"}
    | {"ManagedInstanceScaling"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSettings:
    """A variant of a configuration, with its model resolved.

    Attributes:
        name: variant name.
        instance_type: empty when the variant is serverless.
        count: instances to start with; for a serverless variant the workers that its creation starts.
        weight: initial weight.
        served: what instances run.
        serverless: its limits, when it is serverless.
        shadow: whether it gets copies of requests, and nobody its answers.
        by_chance: whether an instance is picked by chance; by default the one with the fewest requests.

    """

    name: str
    instance_type: str
    count: int
    weight: float
    served: Served
    serverless: Concurrency | None = None
    shadow: bool = False
    by_chance: bool = False

    @property
    def containers(self) -> tuple[ContainerSpec, ...]:
        """The containers of an instance."""
        return (self.served,) if isinstance(self.served, ContainerSpec) else self.served.containers

    @property
    def mode(self) -> str:
        """How requests find their container, see `ContainerGroup.mode`; empty when there is one."""
        return "" if isinstance(self.served, ContainerSpec) else self.served.mode


def read_variant(given: Params, models: Models, *, shadow: bool = False) -> VariantSettings:
    """Read a ProductionVariant.

    Args:
        given: the structure.
        models: where its model is looked up.
        shadow: whether it is one of the ShadowProductionVariants.

    Raises:
        AwsError: ValidationException, for what is missing or contradicts.
        NotEmulated: for members that are not emulated.

    """
    require_emulated(given, _VARIANT, "CreateEndpointConfig.ProductionVariants")
    if "ServerlessConfig" in given:
        return _serverless(given, models)
    for name in _NEEDED:
        if name not in given:
            raise invalid(f"{name} is required for the instance variant {given['VariantName']}")
    return VariantSettings(
        name=given["VariantName"],
        instance_type=given["InstanceType"],
        count=given["InitialInstanceCount"],
        weight=float(given.get("InitialVariantWeight", 1.0)),
        served=_served(given, models),
        shadow=shadow,
        by_chance=given.get("RoutingConfig", {}).get("RoutingStrategy") == "RANDOM",
    )


def check_variants(variants: Sequence[VariantSettings], *, asynchronous: bool) -> None:
    """Refuse variants that do not go together.

    Args:
        variants: production and shadow variants.
        asynchronous: whether the configuration is of an asynchronous endpoint.

    """
    names = [variant.name for variant in variants]
    if len(set(names)) < len(names):
        raise invalid(f"Production variant names must be unique, got {', '.join(names)}")
    serverless = any(variant.serverless for variant in variants)
    if len(variants) > 1 and serverless:
        raise invalid(f"a serverless endpoint has one production variant, got {', '.join(names)}")
    if asynchronous and serverless:
        raise invalid("AsyncInferenceConfig does not go with serverless variants")
    require_traffic([variant.weight for variant in variants if not variant.shadow])
    if any(variant.shadow for variant in variants):
        _check_shadow(variants, asynchronous=asynchronous)


def require_traffic(weights: Sequence[float]) -> None:
    """Refuse weights of which none is above 0: no variant would get a request."""
    if not any(weight > 0 for weight in weights):
        raise invalid("The sum of the weights of all production variants must be greater than 0.")


def _check_shadow(variants: Sequence[VariantSettings], *, asynchronous: bool) -> None:
    shadows = sum(variant.shadow for variant in variants)
    if (shadows, len(variants) - shadows) != (1, 1):
        production = len(variants) - shadows
        raise invalid(
            f"a shadow variant needs exactly one production variant, got {shadows} shadow and {production} "
            "production variants"
        )
    excluded = {
        "asynchronous endpoints": asynchronous,
        "several containers or models": any(variant.mode for variant in variants),
        "Inf1 instances": any(variant.instance_type.startswith("ml.inf1.") for variant in variants),
    }
    found = [what for what, is_so in excluded.items() if is_so]
    if found:
        raise invalid(f"shadow variants do not go with {' and '.join(found)}")


def _served(given: Params, models: Models) -> Served:
    if "ModelName" not in given:
        return ContainerGroup(mode="Components", containers=())
    if "ManagedInstanceScaling" in given:
        raise invalid(
            f"ManagedInstanceScaling needs a variant without a model, {given['VariantName']} has one"
        )
    return models.get(given["ModelName"]).served


def _serverless(given: Params, models: Models) -> VariantSettings:
    if "ModelName" not in given:
        raise invalid(f"ModelName is required for the serverless variant {given['VariantName']}")
    model = models.get(given["ModelName"])
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
