"""The `Objects` port on one S3 bucket."""

from typing import Any

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated


class BucketObjects:
    """The objects of one bucket, by their keys."""

    def __init__(self, client: Any, *, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def uri(self, key: str) -> str:
        """Return the `s3://` address of an object."""
        return f"s3://{self._bucket}/{key}"

    def write(self, key: str, content: bytes) -> None:
        """Store an object."""
        with translated():
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def read(self, key: str) -> bytes | None:
        """Return an object, or None when there is none.

        Telling so needs the permission to list the bucket.
        """
        with translated():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code_of(error) != "NoSuchKey":
                    raise
                return None
            content: bytes = answer["Body"].read()
        return content
