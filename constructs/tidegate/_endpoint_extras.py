"""What a real-time endpoint may have besides its variants: a shadow, captured data, explanations."""

from collections.abc import Sequence
from dataclasses import replace

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._endpoint_resources import production_variant
from tidegate._role_needs import attach_needs
from tidegate.data_capture import DataCapture, capture_config
from tidegate.explainer import Explainer, explainer_config
from tidegate.instance_variant import InstanceVariant


def add_extras(
    endpoint: Construct,
    config: sagemaker.CfnEndpointConfig,
    *,
    variants: Sequence[InstanceVariant],
    shadow: InstanceVariant | None,
    data_capture: DataCapture | None,
    explainer: Explainer | None,
) -> list[object]:
    """Set what is given; the role's needs come before the configuration.

    Returns:
        What was declared; nothing when nothing is given.

    """
    given = [extra for extra in (shadow, data_capture, explainer) if extra is not None]
    if not given:
        return []
    if shadow is not None:
        config.shadow_production_variants = [production_variant(shadow)]
    if data_capture is not None:
        config.data_capture_config = capture_config(data_capture)
    if explainer is not None:
        config.explainer_config = explainer_config(explainer)
    writers = [extra for extra in (data_capture, explainer) if extra is not None]
    statements = [statement for extra in writers for statement in extra.statements()]
    roles = [variant.model.role for variant in variants]
    for need in attach_needs(endpoint, roles, statements, purpose="Capture and explain answers"):
        config.node.add_dependency(need)
    return _declared(shadow, data_capture, explainer)


def _declared(
    shadow: InstanceVariant | None, data_capture: DataCapture | None, explainer: Explainer | None
) -> list[object]:
    found: list[object] = []
    if shadow is not None:
        fleet = [shadow.name, shadow.instance_type, shadow.initial_count, shadow.weight]
        found.append(["shadow", *fleet, shadow.model.fingerprint])
    if data_capture is not None:
        key = data_capture.kms_key.key_arn if data_capture.kms_key is not None else None
        found.append(["capture", str(replace(data_capture, kms_key=None)), key])
    if explainer is not None:
        found.append(["explainer", str(explainer)])
    return found
