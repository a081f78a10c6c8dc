"""The job `train`: a SageMaker Pipeline is run in the environment, and what it registers is the version."""

from collections.abc import Mapping
from typing import Final

from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tidegate_runtime.delivery_ports import Training, TrainingRun, Versions
from tidegate_runtime.errors import RequestInvalid
from tidegate_runtime.lineage import COMMIT, PIPELINE_EXECUTION, TRAINING_JOB
from tidegate_runtime.versions import APPROVED, APPROVED_IN, PENDING, REJECTED, Version

SUCCEEDED: Final = "Succeeded"
_GOES_ON: Final = ("Executing", "Stopping")


def train(request: Request, *, training: Training, versions: Versions) -> Outcome:
    """Return the version that the execution for this pipeline execution has registered; start it if need be.

    Raises:
        RequestInvalid: `parameters` is no mapping of texts.

    """
    pipeline, execution = request.text("training"), request.token.get("execution", "")
    if not execution:
        execution = training.start(pipeline, parameters=_parameters(request), token=_token(request))
    run = training.describe(execution)
    if run.status in _GOES_ON:
        summary = f"the training pipeline {pipeline} is {run.status} ({execution})"
        return Wait(summary=summary, token={"execution": execution})
    if run.status != SUCCEEDED:
        why = f": {run.failure}" if run.failure else ""
        return Failed(message=f"the training pipeline {pipeline} is {run.status}{why} ({execution})")
    return _registered(request, run, execution, versions=versions)


def _registered(request: Request, run: TrainingRun, execution: str, *, versions: Versions) -> Outcome:
    group = request.place.name
    found = [versions.describe(arn) for arn in run.packages]
    own = [version for version in found if version.group == group]
    if len(own) != 1:
        names = ", ".join(version.name for version in found) if found else "nothing"
        return Failed(
            message=f"the training must register one version in the group {group}, got {names}: "
            f"look at its conditions and at its step of the kind RegisterModel ({execution})"
        )
    version = own[0]
    if version.approval == APPROVED and not version.metadata.get(APPROVED_IN):
        return Failed(
            message=f"the training has registered {version.name} as {version.approval}, past the gate: it "
            f"must register versions as {PENDING}"
        )
    if version.approval == REJECTED:
        return Failed(message=f"{version.name} was rejected: {version.approval_note or 'no reason is given'}")
    versions.note(version.arn, _lineage(request, run, execution, version))
    summary = f"{request.text('training')} has registered {version.name} ({version.approval})"
    return Done(summary=summary, variables={"PackageArn": version.arn})


def _lineage(request: Request, run: TrainingRun, execution: str, version: Version) -> Mapping[str, str]:
    """Return what the training itself did not write down about its origin."""
    jobs = run.training_jobs
    told = {
        COMMIT: request.optional("commit"),
        PIPELINE_EXECUTION: execution,
        TRAINING_JOB: jobs[0] if len(jobs) == 1 else "",
    }
    known = version.metadata
    return {name: value for name, value in told.items() if value and not known.get(name)}


def _parameters(request: Request) -> Mapping[str, str]:
    found = request.parameters.get("parameters", {})
    if not isinstance(found, Mapping) or not all(isinstance(value, str) for value in found.values()):
        raise RequestInvalid(f"the parameter 'parameters' must be a mapping of texts, got {found!r}")
    return found


def _token(request: Request) -> str:
    """Return what makes a second start the first one: 32 to 128 characters.

    It names the service too: services may share a pipeline, each with parameters of its own.
    """
    return f"tidegate-{request.place.name[:63]}-{request.execution}".ljust(32, "-")[:128]
