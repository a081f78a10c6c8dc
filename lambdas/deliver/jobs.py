"""The jobs by name, each with its adapters; a job's modules are imported when it is asked for."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from deliver.access import Access
from deliver.gate_jobs import bake_job, smoke_job, validate_job
from deliver.logic import Job
from deliver.promotion_jobs import approve_job, first_job, follow_job, register_job, train_job
from deliver.request import Request
from tidegate_runtime.errors import RequestInvalid

Maker = Callable[[Access, Request], Job]


def _release(access: Access, request: Request) -> Job:
    from deliver.release import release
    from tidegate_runtime.adapters.objects import MarkedObject

    marker = MarkedObject(access.own("s3"), bucket=request.text("bucket"), key=request.text("key"))
    return partial(release, marker=marker)


JOBS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "approve": approve_job,
        "bake": bake_job,
        "first": first_job,
        "follow": follow_job,
        "register": register_job,
        "release": _release,
        "smoke": smoke_job,
        "train": train_job,
        "validate": validate_job,
    }
)
"""Every job by its name."""


def job_of(request: Request, *, access: Callable[[Request], Access]) -> Job:
    """Return the job that a request names, with its adapters.

    Raises:
        RequestInvalid: there is no such job.

    """
    maker = JOBS.get(request.do)
    if maker is None:
        known = ", ".join(sorted(JOBS))
        raise RequestInvalid(f"UserParameters.do must be one of {known}, got {request.do!r}")
    return maker(access(request), request)
