"""Names of what the controller creates: a hash of the content, so that creating twice is creating once."""

import hashlib
import json
from typing import Any, Final

MAX_NAME: Final = 63
"""Longest name SageMaker takes for a model or an endpoint configuration."""

_DIGITS: Final = 16


def content_name(prefix: str, definition: dict[str, Any]) -> str:
    """Return `prefix` and 16 hexadecimal digits that depend on nothing but `definition`.

    Args:
        prefix: Readable beginning; cut so that the whole stays within 63 characters.
        definition: JSON-like content; the order of keys does not matter.

    """
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{prefix[: MAX_NAME - _DIGITS - 1].strip('-')}-{digest}"
