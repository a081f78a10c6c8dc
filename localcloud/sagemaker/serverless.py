"""Serverless variants: what a ServerlessConfig may say.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (what serverless endpoints exclude)
"""

from typing import Any, Final

from localcloud.hosting import Concurrency, ContainerSpec
from localcloud.sagemaker.models import Model
from localcloud.sagemaker.names import Params, invalid

_STEP_MB: Final = 1024
_EXCLUDED: Final = frozenset(
    {"InstanceType", "InitialInstanceCount", "VolumeSizeInGB", "ModelDataDownloadTimeoutInSeconds"}
    | {"ContainerStartupHealthCheckTimeoutInSeconds"}
)


def concurrency(given: Params, model: Model) -> Concurrency:
    """Return the limits of a serverless variant.

    Args:
        given: the ProductionVariant.
        model: what it serves.

    Raises:
        AwsError: ValidationException, for a size that does not exist, members of instance variants, or a
            model that serverless endpoints cannot serve.

    """
    excluded = sorted(_EXCLUDED & set(given))
    if excluded:
        raise invalid(f"ServerlessConfig excludes {', '.join(excluded)}, at variant {given['VariantName']}")
    for member in ("VpcConfig", "EnableNetworkIsolation"):
        if model.description.get(member):
            raise invalid(f"serverless endpoints do not support {member}, which model {model.name} has")
    if not isinstance(model.served, ContainerSpec):
        raise invalid(f"serverless endpoints serve one container with one model, which {model.name} is not")
    config = given["ServerlessConfig"]
    memory = config["MemorySizeInMB"]
    if memory % _STEP_MB:
        raise invalid(f"MemorySizeInMB must be one of 1024, 2048, 3072, 4096, 5120 and 6144, got {memory}")
    return _checked(memory, config["MaxConcurrency"], config.get("ProvisionedConcurrency", 0))


def updated(before: Concurrency, change: Params) -> Concurrency:
    """Return the limits after a ServerlessUpdateConfig."""
    maximum = change.get("MaxConcurrency", before.maximum)
    return _checked(before.memory_mb, maximum, change.get("ProvisionedConcurrency", before.provisioned))


def describe(limits: Concurrency) -> dict[str, Any]:
    """Return a ProductionVariantServerlessConfig."""
    described = {"MemorySizeInMB": limits.memory_mb, "MaxConcurrency": limits.maximum}
    return described | ({"ProvisionedConcurrency": limits.provisioned} if limits.provisioned else {})


def _checked(memory_mb: int, maximum: int, provisioned: int) -> Concurrency:
    if provisioned > maximum:
        raise invalid(f"ProvisionedConcurrency ({provisioned}) must not exceed MaxConcurrency ({maximum})")
    return Concurrency(memory_mb=memory_mb, maximum=maximum, provisioned=provisioned)
