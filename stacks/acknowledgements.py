"""Findings of scanners that stay in the app's stacks: each one by itself, with its reason."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from aws_cdk import Annotations, Stack
from constructs import Construct

from tidegate import Findings, Model
from tidegate.compatibility import Feature, Mode, Verdict, cell

_ISOLATION: Final = ("SageMakerChecks::SageMaker.5", "CKV_AWS_370")
_READ_S3: Final = ("scikit-learn", "pytorch")
_ONE_INSTANCE: Final = "SageMakerChecks::SageMaker.4"
_IMPORT_TOLD: Final = "the command line finds all that belongs to a service in the outputs of one stack"


def acknowledge_findings(stack: Stack, *, imported: Sequence[str] = ()) -> None:
    """Acknowledge what the library's constructs in a stack are known for; call it last.

    Args:
        stack: Where to look.
        imported: ARNs of buckets of another stack, as tokens of that stack's exports.

    """
    Findings.acknowledge_known(stack, imported=imported)


def acknowledge_imports_told(stack: Stack) -> None:
    """Acknowledge that an output tells what another stack exports; outputs have no metadata of their own."""
    stack.template_options.metadata = {
        "cfn-lint": {"config": {"ignore_checks": ["W6001"]}, "reasons": {"W6001": _IMPORT_TOLD}}
    }


def acknowledge_warnings(endpoint: Construct, reasons: Mapping[Literal["one-instance"], str]) -> None:
    """Acknowledge the library's warnings of an endpoint, and what scanners say of the same thing.

    Args:
        endpoint: The endpoint.
        reasons: Why a warning stays, by its name.

    """
    for rule, reason in reasons.items():
        Annotations.of(endpoint).acknowledge_warning(f"tidegate:{rule}", reason)
        if rule == "one-instance":
            Findings.acknowledge(endpoint.node.find_child("Config"), _ONE_INSTANCE, reason=reason)


def acknowledge_open_network(
    model: Model, *, mode: Mode, because: str | None, frameworks: Collection[str] = ()
) -> None:
    """Acknowledge that a model's containers reach the network, where there is a reason.

    Args:
        model: The model.
        mode: Kind of inference; some exclude isolation.
        because: The reason that the service file gives; without any reason the finding stays.
        frameworks: Frameworks of AWS's own images that it runs.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html

    """
    allowed = cell(mode, Feature.NETWORK_ISOLATION)
    if allowed.verdict is not Verdict.ALLOWED:
        because = allowed.reason
    elif because is None and any(image in one for image in _READ_S3 for one in frameworks):
        because = "AWS excludes its scikit-learn and PyTorch images from isolation: they read S3"
    if because is not None and not model.traits.network_isolated:
        Findings.acknowledge(model, *_ISOLATION, reason=because)
