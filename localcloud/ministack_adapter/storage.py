"""In-process access to ministack's S3 and SNS for the emulated services."""

import asyncio
import contextvars
from collections.abc import Callable
from urllib.parse import urlsplit

from ministack import app as gateway
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import s3, sns

from localcloud.errors import AwsError
from localcloud.ministack_adapter.environment import ACCOUNT_ID, REGION


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
    data = _as_local_account(lambda: s3._get_object_data(parts.netloc, parts.path[1:], version))
    if data is None:
        raise AwsError("ValidationException", f"Could not find model data at {s3_uri}.")
    return data


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


def _as_local_account(read: Callable[[], bytes | None]) -> bytes | None:
    def call() -> bytes | None:
        set_request_account_id(ACCOUNT_ID)
        set_request_region(REGION)
        return read()

    return contextvars.copy_context().run(call)
