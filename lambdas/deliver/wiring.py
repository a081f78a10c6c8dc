"""The adapters behind the jobs, made once."""

from functools import partial

from deliver.access import Access
from deliver.jobs import job_of
from deliver.logic import Delivery
from deliver.request import Request
from tidegate_runtime.adapters.aws import client
from tidegate_runtime.adapters.pipeline_jobs import PipelineJobs
from tidegate_runtime.adapters.role_clients import OwnClients, RoleClients
from tidegate_runtime.clock import SystemClock


def delivery() -> Delivery:
    """Make what every call needs; the clients of a job are made when it uses them."""
    sts, clock = client("sts"), SystemClock()

    def access(request: Request) -> Access:
        own = OwnClients()
        if request.at is None:
            return Access(own=own, there=own, clock=clock)
        there = RoleClients(
            sts, role_arn=request.at.role, session_name=f"deliver-{request.job_id}", region=request.at.region
        )
        return Access(own=own, there=there, clock=clock)

    return Delivery(
        job_of=partial(job_of, access=access), reports=PipelineJobs(client("codepipeline")), clock=clock
    )
