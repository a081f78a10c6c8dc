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
    """Return the validation gate, with the way of asking that it declares."""
    from deliver.validate import Validate
    from deliver.ways_of_asking import way_of_asking
    from tidegate_runtime.adapters.packaged_validation import packaged_validation
    from tidegate_runtime.adapters.pointer import SsmPointer

    gate, data = _declared("validation", lambda: packaged_validation(_ROOT))
    return Validate(
        gate=gate,
        data=data,
        pointer=SsmPointer(access.there("ssm"), name=request.place.pointer),
        asking=way_of_asking(access, request, gate, data),
        clock=access.clock,
    )


def _declared(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except FileNotFoundError as error:
        raise RequestInvalid(
            f"the service declares no {what}: name a file in its section `delivery`"
        ) from error
