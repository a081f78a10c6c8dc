"""What the controller creates: the candidate's model, and the configuration with both variants."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tidegate_runtime.naming import content_name
from tidegate_runtime.ports import CANDIDATE, LIVE, SHADOW, Package
from tidegate_runtime.state import Candidate

_FROM_THE_PACKAGE = ("Image", "ImageConfig", "ModelDataUrl", "ModelDataSource", "ContainerHostname")


def candidate_model(
    live_model: Mapping[str, Any], *, live_package: Package, package_arn: str, role_arn: str, prefix: str
) -> dict[str, Any]:
    """Return the request that creates the candidate's model.

    Network, isolation and the variables that the deployment added to the live model are carried over; what
    the live package itself brought is not, since the candidate's package brings its own.

    Args:
        live_model: The live model in the form in which it can be created.
        live_package: The package version it was made from.
        package_arn: The candidate's package version.
        role_arn: Execution role.
        prefix: Readable beginning of the name.

    """
    container = deepcopy((live_model.get("Containers") or [live_model["PrimaryContainer"]])[0])
    for name in _FROM_THE_PACKAGE:
        container.pop(name, None)
    packaged = live_package.containers[0].environment if live_package.containers else {}
    environment = container.pop("Environment", {})
    added = {name: value for name, value in environment.items() if packaged.get(name) != value}
    container |= {"ModelPackageName": package_arn, **({"Environment": added} if added else {})}
    kept = {name: live_model[name] for name in ("VpcConfig", "EnableNetworkIsolation") if name in live_model}
    definition = {"PrimaryContainer": container, "ExecutionRoleArn": role_arn, **kept}
    return {"ModelName": content_name(prefix, definition), **definition}


def rollout_config(
    live_config: Mapping[str, Any], *, model_name: str, candidate: Candidate, prefix: str
) -> dict[str, Any]:
    """Return the request that creates the configuration: `live` as it is, and the candidate without answers.

    The candidate is the variant `candidate` at weight 0, or the variant `shadow`: its weight is then a share
    of `live`'s, and it is no production variant, of which there may be only one beside a shadow
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html).

    Args:
        live_config: The stack's configuration in the form in which it can be created.
        model_name: The candidate's model.
        candidate: Instances of both, and what share of the requests the candidate gets copies of.
        prefix: Readable beginning of the name.

    """
    live = next(variant for variant in live_config["ProductionVariants"] if variant["VariantName"] == LIVE)
    live = {**deepcopy(live), "InitialInstanceCount": candidate.live_instances}
    share = candidate.mirror_percent / 100
    beside = {
        **deepcopy(live),
        "VariantName": SHADOW if share else CANDIDATE,
        "ModelName": model_name,
        "InitialInstanceCount": candidate.instances,
        "InitialVariantWeight": share * live.get("InitialVariantWeight", 1.0),
    }
    variants = (
        {"ProductionVariants": [live], "ShadowProductionVariants": [beside]}
        if share
        else {"ProductionVariants": [live, beside]}
    )
    definition = {**deepcopy(dict(live_config)), **variants}
    return {"EndpointConfigName": content_name(prefix, definition), **definition}
