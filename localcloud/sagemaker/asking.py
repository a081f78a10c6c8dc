"""Asking a model process, and what it means when it does not answer.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

from typing import Final

from localcloud.errors import AwsError
from localcloud.hosting import (
    Call,
    Host,
    InstanceTimeout,
    InstanceUnreachable,
    LaunchFailed,
    ModelMissing,
    ModelNotReady,
    Taken,
    TooManyRequests,
    WorkerPool,
)
from localcloud.hosting.client import Answer

_NO_ANSWER: Final = 0
_LOAD_FAILED: Final = 500


async def ask(
    host: Host, head: bytes, body: bytes, call: Call | None, *, timeout_seconds: float
) -> tuple[Answer, str | None]:
    """Return the answer of a model, or status 0 and why there is none.

    Args:
        host: what answers.
        head: request line and headers.
        body: content.
        call: the way through several processes.
        timeout_seconds: real seconds that the model may take.

    Raises:
        AwsError: there is no such model, or it is still being loaded.

    """
    try:
        return await host.invoke(head, body, timeout_seconds=timeout_seconds, call=call), None
    except InstanceTimeout:
        return Answer(_NO_ANSWER, {}, b""), f"no answer within {timeout_seconds:g} s"
    except InstanceUnreachable as error:
        return Answer(_NO_ANSWER, {}, b""), str(error)
    except LaunchFailed as error:
        return Answer(_LOAD_FAILED, {}, str(error).encode()), None
    except ModelMissing as error:
        raise AwsError("ValidationError", f"Failed to download model data: {error}") from error
    except ModelNotReady as error:
        message = f"The model {error} is still being loaded. Wait and try again."
        raise AwsError("ModelNotReadyException", message, 429) from error


async def worker_of(workers: WorkerPool) -> Taken | None:
    """Reserve a worker of a serverless variant; None when the variant is being replaced.

    Raises:
        AwsError: ThrottlingException beyond MaxConcurrency, ModelError when the worker does not start.

    """
    try:
        return await workers.take()
    except TooManyRequests:
        raise AwsError("ThrottlingException", "Rate exceeded", 429) from None
    except LaunchFailed as error:
        raise AwsError("ModelError", f"The container did not start: {error}", 424) from error
