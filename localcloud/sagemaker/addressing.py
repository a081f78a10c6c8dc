"""Which model or container of a variant a request names.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/invoke-multi-model-endpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-invoke.html
"""

from collections.abc import Mapping
from typing import Final

from localcloud.errors import AwsError
from localcloud.hosting import Call
from localcloud.sagemaker.routing import Route

_MODEL: Final = "x-amzn-sagemaker-target-model"
_CONTAINER: Final = "x-amzn-sagemaker-target-container-hostname"
COMPONENT: Final = "x-amzn-sagemaker-inference-component"


def call_for(route: Route, headers: Mapping[str, str]) -> Call | None:
    """Return the way of a request through several processes, None where there is one.

    Raises:
        AwsError: ValidationError, when the request names nothing where it must, something where it must
            not, or a container that there is not.

    """
    model, container = headers.get(_MODEL), headers.get(_CONTAINER)
    mode = route.mode
    if not mode and model is None and container is None and COMPONENT not in headers:
        return None
    if route.component is not None:
        return None
    component = headers.get(COMPONENT)
    _check("InferenceComponentName", component, wanted=mode == "Components", kind="inference component")
    _check("TargetModel", model, wanted=mode == "MultiModel", kind="multi-model")
    _check("TargetContainerHostname", container, wanted=mode == "Direct", kind="direct multi-container")
    if mode == "Direct" and container not in route.hostnames:
        raise AwsError(
            "ValidationError",
            f"TargetContainerHostname {container} is none of {', '.join(route.hostnames)}.",
        )
    return Call(target=model if model is not None else container, headers=headers)


def _check(name: str, value: str | None, *, wanted: bool, kind: str) -> None:
    if wanted == (value is not None):
        return
    message = (
        f"{name} is required by {kind} endpoints." if wanted else f"{name} is for {kind} endpoints only."
    )
    raise AwsError("ValidationError", message)
