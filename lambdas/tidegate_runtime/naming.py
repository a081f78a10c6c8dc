"""Names of what the controller creates: a hash of the content, so that creating twice is creating once."""

import hashlib
import json
import re
from typing import Any, Final

MAX_NAME: Final = 63
"""Longest name SageMaker takes for a model or an endpoint configuration."""

_DIGITS: Final = 16
_VALIDATION: Final = "validation"
_HASH_DIGITS: Final = 8
_LONGEST_WHOLE: Final = MAX_NAME - _DIGITS - len(f"-{_VALIDATION}-")
"""Longest name of an endpoint that stands whole in the names of what a validation gate makes."""


def config_prefix(endpoint_name: str) -> str:
    """Return how the names of a rollout's endpoint configurations begin."""
    return _cut(f"{endpoint_name}-rollout")


def model_prefix(endpoint_name: str) -> str:
    """Return how the names of candidates' models begin."""
    return _cut(f"{endpoint_name}-candidate")


def validation_prefix(endpoint_name: str) -> str:
    """Return how the names of what an endpoint's validation gate makes begin.

    The name of a long endpoint is cut, and told from others that begin alike by a hash of it: by this prefix
    the gate's role knows what it may touch, and the watchdog what a gate has left behind.
    """
    if len(endpoint_name) <= _LONGEST_WHOLE:
        return f"{endpoint_name}-{_VALIDATION}"
    digest = hashlib.sha256(endpoint_name.encode()).hexdigest()[:_HASH_DIGITS]
    begin = endpoint_name[: _LONGEST_WHOLE - _HASH_DIGITS - 1].strip("-")
    return f"{begin}-{digest}-{_VALIDATION}"


def validation_pattern(endpoint_name: str) -> str:
    """Return an IAM pattern of exactly the names that an endpoint's validation gate gives."""
    return f"{validation_prefix(endpoint_name)}-{'?' * _DIGITS}"


def is_of_a_validation(name: str) -> bool:
    """Tell whether a name is one that the validation gate of some endpoint might give."""
    return re.fullmatch(rf".*-{_VALIDATION}-[0-9a-f]{{{_DIGITS}}}", name) is not None


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
