"""What a real-time endpoint may have besides its variants: a shadow, captured data, explanations."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._endpoint_resources import production_variant
from tidegate._model_traits import ModelTraits
from tidegate._role_needs import attach_needs
from tidegate.compatibility import Feature, Fleet, Mode, check, refuse
from tidegate.data_capture import DataCapture, capture_config
from tidegate.explainer import Explainer, explainer_config
from tidegate.instance_variant import InstanceVariant

_EXECUTION: Final = {"Serial": Mode.SERIAL, "Direct": Mode.DIRECT}


def add_extras(
    endpoint: Construct,
    config: sagemaker.CfnEndpointConfig,
    *,
    variants: Sequence[InstanceVariant],
    shadow: InstanceVariant | None,
    data_capture: DataCapture | None,
    explainer: Explainer | None,
) -> list[object]:
    """Check and set what is given; the role's needs come before the configuration.

    Returns:
        What was declared; nothing when nothing is given.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    """
    given = [extra for extra in (shadow, data_capture, explainer) if extra is not None]
    if not given:
        return []
    _check(variants, shadow, captured=data_capture is not None)
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


def _check(variants: Sequence[InstanceVariant], shadow: InstanceVariant | None, *, captured: bool) -> None:
    features = set()
    if captured:
        features.add(Feature.DATA_CAPTURE)
    if shadow is not None:
        features.add(Feature.SHADOW)
        if shadow.name in {variant.name for variant in variants}:
            raise ValueError(f"shadow must differ in name from the variants, got {shadow.name!r}")
    everyone = [*variants, *([shadow] if shadow is not None else [])]
    if any(variant.instance_type.startswith("ml.inf1.") for variant in everyone):
        features.add(Feature.INF1)
    fleets = [
        Fleet(name=one.name, instance_type=one.instance_type, instances=one.initial_count) for one in variants
    ]
    found = [
        finding
        for mode in sorted({_mode(one.model.traits) for one in everyone}, key=lambda mode: mode.value)
        for finding in check(mode, features, fleets=fleets)
    ]
    refuse(dict.fromkeys(found), subject="endpoint")


def _mode(traits: ModelTraits) -> Mode:
    if traits.execution is not None:
        return _EXECUTION[traits.execution]
    return Mode.MULTI_MODEL if traits.multi_model else Mode.REAL_TIME
