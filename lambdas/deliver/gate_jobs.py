"""The jobs that look before a model goes on, each with its adapters: smoke, bake, validate."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from deliver.access import Access
from deliver.logic import Job
from deliver.request import Request
from tidegate_runtime.errors import RequestInvalid

T = TypeVar("T")

_ROOT: Final = Path(__file__).resolve().parents[1]
_OUTPUTS: Final = ("ArtifactBucket", "ExecutionRole")


def smoke_job(access: Access, request: Request) -> Job:
    """Return the job that asks the endpoint the declared requests."""
    from deliver.smoke import Smoke
    from tidegate_runtime.adapters.invoker import PATIENT, RuntimeInvoker
    from tidegate_runtime.adapters.packaged_samples import packaged_samples
    from tidegate_runtime.smoke import SmokeTest

    client = access.there("sagemaker-runtime", config=PATIENT)
    invoker = RuntimeInvoker(client, endpoint_name=request.place.name)
    samples = _declared("smoke", lambda: packaged_samples(_ROOT))
    test = SmokeTest(samples=samples, invoker=invoker, clock=access.clock)
    return Smoke(test=test, clock=access.clock)


def bake_job(access: Access, _request: Request) -> Job:
    """Return the job that waits between two waves."""
    from deliver.bake import Bake
    from tidegate_runtime.adapters.named_alarms import CloudWatchNamedAlarms

    return Bake(alarms=CloudWatchNamedAlarms(access.there("cloudwatch")), clock=access.clock)


def validate_job(access: Access, request: Request) -> Job:
    """Return the validation gate."""
    from deliver.validate import Validate
    from tidegate_runtime.adapters.bucket import BucketObjects
    from tidegate_runtime.adapters.packaged_validation import packaged_validation
    from tidegate_runtime.adapters.pointer import SsmPointer
    from tidegate_runtime.adapters.stack_outputs import StackOutputs
    from tidegate_runtime.adapters.transforms import RegistrySpecifications, SageMakerTransforms

    gate, data = _declared("validation", lambda: packaged_validation(_ROOT))
    outputs = StackOutputs(access.there("cloudformation")).of(request.place.foundation)
    missing = [name for name in _OUTPUTS if name not in outputs]
    if missing:
        raise RequestInvalid(
            f"the stack {request.place.foundation} has no {' and '.join(missing)}: deploy it"
        )
    sagemaker = access.there("sagemaker")
    return Validate(
        gate=gate,
        data=data,
        pointer=SsmPointer(access.there("ssm"), name=request.place.pointer),
        registry=RegistrySpecifications(sagemaker),
        transforms=SageMakerTransforms(sagemaker),
        objects=BucketObjects(access.there("s3"), bucket=outputs["ArtifactBucket"]),
        role_arn=outputs["ExecutionRole"],
        clock=access.clock,
    )


def _declared(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except FileNotFoundError as error:
        raise RequestInvalid(
            f"the service declares no {what}: name a file in its section `delivery`"
        ) from error
