"""The `Artifacts` port on S3, which copies without reading."""

from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated
from tidegate_runtime.delivery_ports import Stored

# Gigabytes take minutes. One attempt: what was copied is seen when the next call looks.
COPYING: Final = Config(connect_timeout=3, read_timeout=240, retries={"total_max_attempts": 1})

ORIGIN: Final = "tidegate-origin"
"""Metadata of a copied object: what it was copied from."""

_MISSING: Final = ("404", "NoSuchKey", "NoSuchVersion", "NotFound")


class S3Artifacts:
    """Objects that hold a model."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, bucket: str, key: str, *, version: str = "") -> Stored | None:
        """Return an object in a version, or in its newest one; None when there is none."""
        chosen = {"VersionId": version} if version else {}
        with translated():
            try:
                found = self._client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **chosen)
            except ClientError as error:
                if code_of(error) not in _MISSING:
                    raise
                return None
        return Stored(
            bucket=bucket,
            key=key,
            version=found.get("VersionId", ""),
            size=found["ContentLength"],
            digest=_digest(found),
            etag=found.get("ETag", ""),
            origin=found.get("Metadata", {}).get(ORIGIN, ""),
        )

    def copy(self, source: Stored, *, bucket: str, key: str, origin: str) -> None:
        """Copy an object in this very version, and write down what it was copied from.

        Source:
            https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html

        """
        version = {"VersionId": source.version} if source.version else {}
        with translated():
            self._client.copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": source.bucket, "Key": source.key, **version},
                CopySourceIfMatch=source.etag,
                ChecksumAlgorithm="SHA256",
                MetadataDirective="REPLACE",
                Metadata={ORIGIN: origin},
                TaggingDirective="REPLACE",
            )


def _digest(found: dict[str, Any]) -> str:
    """Return the digest of the whole object that S3 tells, or an empty text.

    An ETag is one only of what was written in one part and encrypted by S3's own keys:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    if found.get("ChecksumSHA256") and found.get("ChecksumType") == "FULL_OBJECT":
        return f"sha256:{found['ChecksumSHA256']}"
    etag = str(found.get("ETag", "")).strip('"')
    plain = found.get("ServerSideEncryption", "AES256") == "AES256" and "-" not in etag
    return f"md5:{etag}" if etag and plain else ""
