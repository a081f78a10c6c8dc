"""Why a field of one kind of inference does not go with another, from the compatibility table."""

from collections.abc import Mapping
from typing import Final

from tidegate.compatibility import Feature, Mode, cell

_FIELDS: Final[Mapping[str, Feature]] = {
    "variants": Feature.SEVERAL_VARIANTS,
    "ab_test": Feature.AB_TEST,
    "shadow": Feature.SHADOW,
    "guardrails": Feature.GUARDRAIL_CANARY,
    "data_capture": Feature.DATA_CAPTURE,
    "volume_key": Feature.VOLUME_KEY,
    "provisioned_concurrency": Feature.PROVISIONED_CONCURRENCY,
}


def refused_fields(mode: Mode, *names: str) -> dict[str, str]:
    """Return the reason against each of the fields `names`."""
    return {name: _why(mode, _FIELDS[name]) for name in names}


def no_rollout(mode: Mode) -> dict[str, str]:
    """Return the reason against a rollout."""
    return {"rollout": _why(mode, Feature.CANARY_BY_WEIGHTS)}


def _why(mode: Mode, feature: Feature) -> str:
    found = cell(mode, feature)
    return f"does not go with {mode.value}: {found.reason} [{mode.value}/{feature.value}: {found.source}]"
