"""In-process access to ministack's S3 and SNS for the emulated services."""

import asyncio
import contextvars
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import quote, urlsplit

from ministack import app as gateway
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import s3, sns

from localcloud.errors import AwsError
from localcloud.ministack_adapter.environment import ACCOUNT_ID, REGION

Result = TypeVar("Result")


def read_object(s3_uri: str) -> bytes:
    """Return the bytes of an object, as SageMaker reads a model artifact.

    Args:
        s3_uri: `s3://bucket/key`, with `?versionId=...` for one version.

    Raises:
        AwsError: the address is malformed or nothing is stored there.

    """
    parts = urlsplit(s3_uri)
    if parts.scheme != "s3" or not parts.netloc or not parts.path.strip("/"):
        raise AwsError("ValidationException", f"not the address of an S3 object: {s3_uri}")
    version = parts.query.removeprefix("versionId=") or None
    key = parts.path[1:]
    data: bytes | None = _as_local_account(lambda: s3._get_object_data(parts.netloc, key, version))
    if data is None:
        raise AwsError("ValidationException", f"Could not find model data at {s3_uri}.")
    return data


def list_objects(s3_uri: str) -> list[str]:
    """Return the addresses of all objects that begin with an address, sorted; none where there is no bucket.

    Args:
        s3_uri: `s3://bucket/prefix`; the prefix may be empty.

    """
    name, _, prefix = s3_uri.removeprefix("s3://").partition("/")

    def keys() -> list[str]:
        bucket = s3._buckets.get(name)
        found = sorted(bucket["objects"]) if bucket is not None else []
        return [f"s3://{name}/{key}" for key in found if key.startswith(prefix)]

    return _as_local_account(keys)


def write_object(s3_uri: str, data: bytes, content_type: str) -> None:
    """Store an object as PutObject does, with its version and its event. Not for the gateway's event loop.

    Args:
        s3_uri: `s3://bucket/key`.
        data: the content.
        content_type: its MIME type.

    Raises:
        AwsError: S3 refuses, for example because there is no such bucket.

    """
    headers = {"content-type": content_type, "content-length": str(len(data)), "host": "s3.amazonaws.com"}
    path = f"/{quote(s3_uri.removeprefix('s3://'))}"
    # A service's own call: without this, one that nobody has signed is anonymous where IAM is enforced.
    put = partial(s3.handle_request, internal=True)
    status, _, answer = _as_local_account(
        lambda: gateway.call_service_handler_sync(put, "PUT", path, headers, data, {})
    )
    if status >= 300:
        reason = bytes(answer).decode(errors="replace")
        raise AwsError("ValidationException", f"Could not write {s3_uri}: {reason}")


def publish(topic_arn: str, subject: str, message: str) -> None:
    """Publish to an SNS topic from any thread; an unknown topic is ignored, as alarm actions ignore it.

    Args:
        topic_arn: ARN of the topic.
        subject: at most 100 characters.
        message: text, or JSON as text.

    """
    loop: asyncio.AbstractEventLoop | None = gateway._MAIN_LOOP
    if loop is not None and not loop.is_closed():
        loop.call_soon_threadsafe(_publish, topic_arn, subject, message)


def _publish(topic_arn: str, subject: str, message: str) -> None:
    set_request_account_id(ACCOUNT_ID)
    set_request_region(REGION)
    try:
        sns.publish_internal(topic_arn, message, subject[:100])
    except sns.SnsPublishError:
        return


def _as_local_account(act: Callable[[], Result]) -> Result:
    def call() -> Result:
        set_request_account_id(ACCOUNT_ID)
        set_request_region(REGION)
        return act()

    return contextvars.copy_context().run(call)
