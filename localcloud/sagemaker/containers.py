"""The containers of a model: one, a pipeline, some to choose from, or one for many models.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceExecutionConfig.html
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from localcloud.errors import NotEmulated
from localcloud.hosting import ContainerGroup, ContainerSpec, Served
from localcloud.sagemaker.names import Params, invalid, require_emulated

_CONTAINER: Final = frozenset(
    {"ContainerHostname", "Image", "Mode", "ModelDataUrl", "Environment", "ModelPackageName"}
    | {"MultiModelConfig"}
)
_MOST: Final = 15


def containers_of(params: Params) -> list[dict[str, Any]]:
    """Return the container definitions of a CreateModel request.

    Raises:
        AwsError: ValidationException, for none, too many, or hostnames that do not tell them apart.

    """
    containers = params.get("Containers", [])
    if ("PrimaryContainer" in params) == bool(containers):
        raise invalid("exactly one of PrimaryContainer and Containers must be set")
    given = [dict(each) for each in containers or [params["PrimaryContainer"]]]
    for each in given:
        require_emulated(each, _CONTAINER, "CreateModel.Containers")
    if len(given) > _MOST:
        raise invalid(f"a model has at most {_MOST} containers, got {len(given)}")
    names = [each["ContainerHostname"] for each in given if "ContainerHostname" in each]
    if len(set(names)) < len(names):
        raise invalid(f"ContainerHostname must be unique, got {', '.join(names)}")
    if names and len(names) < len(given):
        raise invalid("ContainerHostname must be set for all containers, or for none")
    return given


def served_by(params: Params, containers: Sequence[ContainerSpec]) -> Served:
    """Return what instances of a model run.

    Args:
        params: the CreateModel request.
        containers: its containers, in order.

    Raises:
        AwsError: ValidationException, for modes that contradict the containers.
        NotEmulated: for a multi-model container among others.

    """
    given = containers_of(params)
    many = [each for each in given if each.get("Mode") == "MultiModel"]
    mode = params.get("InferenceExecutionConfig", {}).get("Mode", "Serial")
    if many and len(given) > 1:
        raise NotEmulated("SageMaker CreateModel with a MultiModel container among others")
    if many:
        return _multi_model(given[0], containers[0])
    if any("MultiModelConfig" in each for each in given):
        raise invalid("MultiModelConfig goes with containers of mode MultiModel only")
    if len(given) == 1:
        return containers[0]
    if mode == "Direct" and not all("ContainerHostname" in each for each in given):
        raise invalid("InferenceExecutionConfig of mode Direct needs ContainerHostname for each container")
    named = [replace(c, hostname=c.hostname or f"container-{n}") for n, c in enumerate(containers, start=1)]
    return ContainerGroup(mode=mode, containers=tuple(named))


def _multi_model(given: Params, container: ContainerSpec) -> ContainerGroup:
    if not container.model_data_url.endswith("/"):
        url = given["ModelDataUrl"]
        raise invalid(f"ModelDataUrl of a MultiModel container must be a prefix that ends in /, got {url}")
    setting = given.get("MultiModelConfig", {}).get("ModelCacheSetting", "Enabled")
    return ContainerGroup(mode="MultiModel", containers=(container,), cached=setting == "Enabled")
