"""The first links: the endpoint, what each variant runs, and whether that is what was promoted."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.lineage.asking import Refusal, ask, moment
from tidegate_cli.lineage.deployment import Pipelines, deployment_link
from tidegate_cli.lineage.links import Link, known
from tidegate_cli.lineage.packages import package_link
from tidegate_cli.lineage.rollouts import rollout_link
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.endpoint import LIVE
from tidegate_cli.operator.session import Aws
from tidegate_cli.operator.status import read_pointer

_BY_HAND = "runs a model that was made from no model package: nothing tells where it comes from"


_DIFFERS = (
    "it runs {package}, but the live pointer names {pointer}: a promotion or a way back is under way, "
    "or somebody changed the endpoint by hand"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What the way back is asked of.

    Attributes:
        aws: Clients of the endpoint's account and region.
        endpoint: Name of the endpoint.
        controller: Its controller; None where it has none.
        pipelines: Where the delivery pipelines are.

    """

    aws: Aws
    endpoint: str
    controller: Controller | None
    pipelines: Pipelines


def read_lineage(walk: Walk) -> Link:
    """Walk back from an endpoint.

    Raises:
        CliError: NO_STACK when there is no such endpoint.

    """
    try:
        described: Any = walk.aws.sagemaker.describe_endpoint(EndpointName=walk.endpoint)
    except ClientError as error:
        if "Could not find" not in str(error):
            raise
        raise CliError(
            f"no endpoint {walk.endpoint} in this account and region: check the options", ExitCode.NO_STACK
        ) from error
    pointer = None if walk.controller is None else read_pointer(walk.aws, walk.controller.pointer)
    config_name = described.get("EndpointConfigName", "")
    return Link(
        kind="endpoint",
        name=described.get("EndpointArn", walk.endpoint),
        facts=known(
            status=described.get("EndpointStatus"),
            configuration=config_name,
            live_pointer=pointer,
            changed=moment(described.get("LastModifiedTime")),
        ),
        origins=(*_variants(walk, config_name, pointer), _hosting(walk)),
    )


def _variants(walk: Walk, config_name: str, pointer: str | None) -> tuple[Link, ...]:
    config: Any = ask(lambda: walk.aws.sagemaker.describe_endpoint_config(EndpointConfigName=config_name))
    if isinstance(config, Refusal):
        return (Link(kind="variant", missing=f"the configuration cannot be read: {config.reason}"),)
    variants = [*config.get("ProductionVariants", ()), *config.get("ShadowProductionVariants", ())]
    return tuple(_variant(walk, variant, pointer) for variant in variants)


def _variant(walk: Walk, variant: Any, pointer: str | None) -> Link:
    name, model = variant.get("VariantName", ""), variant.get("ModelName", "")
    facts = known(model=model, instance_type=variant.get("InstanceType"))
    described: Any = ask(lambda: walk.aws.sagemaker.describe_model(ModelName=model)) if model else {}
    if isinstance(described, Refusal):
        reason = f"the model cannot be read: {described.reason}"
        return Link(
            kind="variant", name=name, facts=facts, origins=(Link(kind="model package", missing=reason),)
        )
    containers = described.get("Containers") or [described.get("PrimaryContainer", {})]
    packages = [arn for container in containers if (arn := container.get("ModelPackageName"))]
    if not packages:
        return Link(
            kind="variant", name=name, facts=facts, origins=(Link(kind="model package", missing=_BY_HAND),)
        )
    return Link(
        kind="variant",
        name=name,
        facts=facts,
        notes=_notes(walk, name, packages[0], pointer),
        origins=tuple(link for arn in packages for link in _version(walk, arn)),
    )


def _version(walk: Walk, arn: str) -> tuple[Link, ...]:
    package = package_link(walk.aws, arn, pipelines=walk.pipelines)
    return package, rollout_link(walk.aws, walk.controller, arn)


def _notes(walk: Walk, variant: str, package: str, pointer: str | None) -> tuple[str, ...]:
    if walk.controller is None or variant != LIVE:
        return ()
    if pointer is None:
        return ("nothing has been promoted yet: the live pointer is not there",)
    if pointer.casefold() != package.casefold():
        return (_DIFFERS.format(package=package, pointer=pointer),)
    return ()


def _hosting(walk: Walk) -> Link:
    stack = f"{walk.endpoint}-hosting" if walk.controller is None else walk.controller.hosting_stack
    return deployment_link(walk.aws, stack, pipelines=walk.pipelines)
