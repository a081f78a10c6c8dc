"""Names of what the controller creates: a hash of the content, so that creating twice is creating once."""

import hashlib
import json
import re
from typing import Any, Final

MAX_NAME: Final = 63
"""Longest name SageMaker takes for a model or an endpoint configuration."""

_DIGITS: Final = 16


def config_prefix(endpoint_name: str) -> str:
    """Return how the names of a rollout's endpoint configurations begin."""
    return _cut(f"{endpoint_name}-rollout")


def model_prefix(endpoint_name: str) -> str:
    """Return how the names of candidates' models begin."""
    return _cut(f"{endpoint_name}-candidate")


def content_name(prefix: str, definition: dict[str, Any]) -> str:
    """Return `prefix` and 16 hexadecimal digits that depend on nothing but `definition`.

    Args:
        prefix: Readable beginning; cut so that the whole stays within 63 characters.
        definition: JSON-like content; the order of keys does not matter.

    """
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{_cut(prefix)}-{digest}"


def is_content_name(name: str, *, prefix: str) -> bool:
    """Tell whether `content_name` has given a name for this prefix."""
    return re.fullmatch(rf"{re.escape(_cut(prefix))}-[0-9a-f]{{{_DIGITS}}}", name) is not None


def _cut(prefix: str) -> str:
    return prefix[: MAX_NAME - _DIGITS - 1].strip("-")
