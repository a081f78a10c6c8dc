"""The jobs that promote a version, each with its adapters."""

from functools import partial

from deliver.access import Access
from deliver.logic import Job
from deliver.ports import Outputs
from deliver.request import Request
from tidegate_runtime.delivery_ports import Live, Rollouts, Versions
from tidegate_runtime.errors import RequestInvalid


def first_job(access: Access, request: Request) -> Job:
    """Return the job `first`: by training, by promotion, or by a person."""
    from deliver.first import First

    obtain = None
    if request.parameters.get("training"):
        obtain = train_job(access, request)
    elif request.parameters.get("package"):
        obtain = register_job(access, request)
    return First(
        obtain=obtain,
        approve=approve_job(access, request),
        versions=_versions(access),
        pointer=_pointer(access, request),
        rollouts=_rollouts(access, request),
        clock=access.clock,
    )


def register_job(access: Access, _request: Request) -> Job:
    """Return the job `register`."""
    from deliver.register import register
    from tidegate_runtime.adapters.artifact_store import COPYING, S3Artifacts

    # The request's own artifacts lie in the region of the copy; S3 finds those of the source by itself.
    return partial(
        register,
        versions=_versions(access),
        artifacts=S3Artifacts(access.there("s3", config=COPYING)),
        outputs=_outputs(access),
    )


def train_job(access: Access, _request: Request) -> Job:
    """Return the job `train`."""
    from deliver.train import train
    from tidegate_runtime.adapters.training import SageMakerPipelines

    training = SageMakerPipelines(access.there("sagemaker"))
    return partial(train, training=training, versions=_versions(access))


def approve_job(access: Access, request: Request) -> Job:
    """Return the job `approve`."""
    from deliver.approve import approve
    from tidegate_runtime.adapters.approvals import PipelineApprovals

    return partial(
        approve,
        versions=_versions(access),
        rollouts=_rollouts(access, request),
        pointer=_pointer(access, request),
        approvals=PipelineApprovals(access.own("codepipeline")),
    )


def follow_job(access: Access, request: Request) -> Job:
    """Return the job `follow`."""
    from deliver.follow import Follow
    from tidegate_runtime.adapters.hosted_endpoints import HostedEndpoints

    return Follow(
        versions=_versions(access),
        rollouts=_rollouts(access, request),
        pointer=_pointer(access, request),
        outputs=_outputs(access),
        endpoints=HostedEndpoints(access.there("sagemaker")),
        clock=access.clock,
    )


def _versions(access: Access) -> Versions:
    from tidegate_runtime.adapters.model_versions import ModelVersions

    return ModelVersions(lambda region: access.there("sagemaker", region=region))


def _rollouts(access: Access, request: Request) -> Rollouts:
    from tidegate_runtime.adapters.rollouts import LedgerRollouts

    at = request.place
    table = _outputs(access).of(at.foundation).get("LedgerTable", "")
    if not table:
        raise RequestInvalid(f"the stack {at.foundation} has no output LedgerTable: deploy it first")
    return LedgerRollouts(access.there("dynamodb"), table=table, endpoint_name=at.name)


def _pointer(access: Access, request: Request) -> Live:
    from tidegate_runtime.adapters.pointer import SsmPointer

    return SsmPointer(access.there("ssm"), name=request.place.pointer)


def _outputs(access: Access) -> Outputs:
    from tidegate_runtime.adapters.stack_outputs import StackOutputs

    return StackOutputs(access.there("cloudformation"))
