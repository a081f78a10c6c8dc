"""Digests of declared values that stay the same as long as the declaration does."""

import hashlib
import json
from typing import Any

from aws_cdk import Stack
from constructs import Construct


def fingerprint(scope: Construct, value: Any) -> str:
    """Return a short digest of `value`; a token counts as the reference it resolves to."""
    resolved = Stack.of(scope).resolve(value)
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:16]
