"""One object of S3 that is read and replaced as a whole."""

from typing import Any

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated


class MarkedObject:
    """An object found by bucket and key."""

    def __init__(self, client: Any, *, bucket: str, key: str) -> None:
        self._client = client
        self._place = {"Bucket": bucket, "Key": key}

    def read(self) -> bytes | None:
        """Return the object's bytes, or None when there is none."""
        with translated():
            try:
                answer = self._client.get_object(**self._place)
            except ClientError as error:
                if code_of(error) != "NoSuchKey":
                    raise
                return None
            content: bytes = answer["Body"].read()
        return content

    def write(self, content: bytes) -> None:
        """Replace the object."""
        with translated():
            self._client.put_object(**self._place, Body=content)
