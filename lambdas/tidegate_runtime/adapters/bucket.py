"""The `Objects` port on one S3 bucket."""

from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated

_MISSING: Final = ("NoSuchKey", "AccessDenied")


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

        Without the permission to list the whole bucket, S3 says of a missing object that it may not be read
        (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html); a list of its name tells.
        """
        with translated():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code_of(error) not in _MISSING or (code_of(error) != "NoSuchKey" and self._is_there(key)):
                    raise
                return None
            content: bytes = answer["Body"].read()
        return content

    def _is_there(self, key: str) -> bool:
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        return bool(found.get("KeyCount", 0))
