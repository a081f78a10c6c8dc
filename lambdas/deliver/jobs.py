"""The jobs by name, each with its adapters; a job's modules are imported when it is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Protocol

from botocore.config import Config

from deliver.logic import Job
from deliver.request import Request
from tidegate_runtime.adapters.aws import CONFIG
from tidegate_runtime.errors import RequestInvalid
from tidegate_runtime.ports import Clock


class Clients(Protocol):
    """Makes clients of AWS's services."""

    def __call__(self, service: str, *, config: Config = CONFIG, region: str | None = None) -> Any:
        """Return a client; time-outs and region may differ from the usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a job gets to AWS.

    Attributes:
        own: Under the function's own role, where the pipeline is.
        there: Under the role of the environment that the request is about, in its region.
        clock: Tells the time.

    """

    own: Clients
    there: Clients
    clock: Clock


Maker = Callable[[Access, Request], Job]


def _release(access: Access, request: Request) -> Job:
    from deliver.release import release
    from tidegate_runtime.adapters.objects import MarkedObject

    marker = MarkedObject(access.own("s3"), bucket=request.text("bucket"), key=request.text("key"))
    return partial(release, marker=marker)


JOBS: Final[Mapping[str, Maker]] = MappingProxyType({"release": _release})
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
