"""Addresses in S3: checked, and turned into the ARNs that a policy names."""

import re
from typing import Final

from aws_cdk import Aws, Token

from tidegate._validation import Faults

_S3_URI: Final = re.compile(r"s3://([^/]+)/?(.*)")


def require_s3(faults: Faults, uri: str | None, *, field: str, longest: int) -> None:
    """Record a fault unless `uri` is absent, a token, or an `s3://` address that fits."""
    if uri is None or Token.is_unresolved(uri):
        return
    faults.rule(
        "s3-address",
        ok=_S3_URI.fullmatch(uri) is not None and len(uri) <= longest,
        message=f"{field} must be an s3:// address of at most {longest} characters, got {uri!r}",
    )


def object_arn(uri: str) -> str:
    """Return the ARN of all objects below an `s3://` address."""
    key = _path(uri).rstrip("/")
    return f"arn:{Aws.PARTITION}:s3:::{key}/*"


def exact_arn(uri: str) -> str:
    """Return the ARN of the one object at an `s3://` address."""
    return f"arn:{Aws.PARTITION}:s3:::{_path(uri)}"


def bucket_arn(uri: str) -> str:
    """Return the ARN of the bucket of an `s3://` address."""
    return f"arn:{Aws.PARTITION}:s3:::{_path(uri).split('/')[0]}"


def key_prefix(uri: str) -> str:
    """Return the key part of an `s3://` address."""
    return _path(uri).partition("/")[2]


def _path(uri: str) -> str:
    return uri.removeprefix("s3://")
