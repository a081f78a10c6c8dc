"""Step Functions integrations with services of the local cloud that ministack does not have.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html and
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html (`.sync`: the task lasts until
the job has ended, a job that fails is States.TaskFailed with its description, an aborted execution stops it)
"""

import json
import time
from typing import Any, Final, Protocol

from ministack.services import stepfunctions

from localcloud.errors import AwsError, NotEmulated
from localcloud.ministack_adapter import current_execution

_CREATE: Final = "arn:aws:states:::sagemaker:createTransformJob"
_POLL_SECONDS: Final = 0.05
_UNDER_WAY: Final = frozenset({"InProgress", "Stopping"})
# Exceptions that the API declares; every other one is the SDK's general one.
_DECLARED: Final = frozenset({"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound"})


class Call(Protocol):
    """Make one call of SageMaker; raises `localcloud.errors.AwsError`."""

    def __call__(self, operation: str, params: dict[str, Any], /) -> dict[str, Any]:
        """Return the parsed response."""


def install(call: Call) -> None:
    """Let tasks `sagemaker:createTransformJob`, with and without `.sync`, run jobs.

    Args:
        call: reaches SageMaker.

    """

    def run(resource: str, request: dict[str, Any]) -> dict[str, Any]:
        suffix = resource.removeprefix(_CREATE)
        if suffix not in ("", ".sync"):
            raise _failure(NotEmulated(f"Step Functions {resource}"))
        created = _call(call, "CreateTransformJob", request)
        if not suffix:
            return created
        return _wait(call, request["TransformJobName"])

    stepfunctions._SERVICE_DISPATCH[_CREATE] = run


def _wait(call: Call, name: str) -> dict[str, Any]:
    job = {"TransformJobName": name}
    while (described := _call(call, "DescribeTransformJob", job))["TransformJobStatus"] in _UNDER_WAY:
        execution = current_execution.get()
        if execution is not None and execution["status"] != "RUNNING":
            if described["TransformJobStatus"] == "InProgress":
                _call(call, "StopTransformJob", job)
            raise stepfunctions._ExecutionError(
                "States.TaskFailed", f"the execution is {execution['status']}"
            )
        time.sleep(_POLL_SECONDS)
    if described["TransformJobStatus"] != "Completed":
        raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(described))
    return described


def _call(call: Call, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return _plain(call(operation, request))
    except AwsError as error:
        raise _failure(error) from error


def _failure(error: AwsError) -> Exception:
    name = f"{error.code}Exception" if error.code in _DECLARED else "AmazonSageMakerException"
    failure: Exception = stepfunctions._ExecutionError(f"SageMaker.{name}", f"{error.code}: {error.message}")
    return failure


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """Return a response as a state's output; Step Functions writes times as milliseconds."""
    return {
        name: int(one * 1000) if name.endswith("Time") and isinstance(one, float) else one
        for name, one in value.items()
    }
