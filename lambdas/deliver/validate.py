"""The job `validate`: the validation gate. Candidate and live answer the same rows, in two transform jobs.

A model of a package's name can only be made of an approved package, and the gate comes before the approval:
the models are made of the containers that the packages describe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from deliver.validation_jobs import ValidationJob, input_key
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.errors import Fault, QuotaExceeded, Transient
from tidegate_runtime.ports import Clock, Pointer
from tidegate_runtime.validation.answers import AnswersInvalid, predictions
from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import Gate
from tidegate_runtime.validation.metrics import Unusable
from tidegate_runtime.validation.ports import COMPLETED, Objects, Specifications, Transform, Transforms

_STARTED: Final = Transform(status="InProgress")
_GRACE_SECONDS: Final = 1_800
"""How long a job that was stopped may take to end; its model is deleted then, whatever it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What the first call has found, and every later one goes by."""

    since: float
    attempt: str
    live: str | None
    trouble: str = ""

    def to_token(self, trouble: str = "") -> dict[str, Any]:
        """Return it as a job's token, with what AWS has refused in this call."""
        return {"since": self.since, "attempt": self.attempt, "live": self.live, "trouble": trouble[:200]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Validate:
    """Starts the jobs, waits for them, judges their answers, and deletes the models that it has made."""

    gate: Gate
    data: DataSet
    pointer: Pointer
    registry: Specifications
    transforms: Transforms
    objects: Objects
    role_arn: str
    clock: Clock

    def __call__(self, request: Request) -> Outcome:
        """Make progress.

        Raises:
            Fault: AWS has refused; nothing that was made for it is left.

        """
        package = request.text("package")
        before = _Before(**request.token) if request.token else self._begin(request)
        if before.live == package:
            return Done(summary="the version is the live one already", variables={"PackageArn": package})
        if before.live is None and not self.gate.criteria.has_floor:
            return Failed(
                message="there is no live version to compare with, and the gate declares no at_least or "
                "at_most to judge a first version by: declare one"
            )
        jobs = self._jobs(request, package, before)
        try:
            return self._progress(jobs, before, package)
        except (QuotaExceeded, Transient) as fault:
            if self._late(before):
                self._abandon(jobs)
                raise
            return Wait(summary=f"asking again: {fault}", token=before.to_token(str(fault)))
        except Fault:
            self._abandon(jobs)
            raise

    def _begin(self, request: Request) -> _Before:
        # A call that has died comes again with the same id; a stage that is retried comes with another one.
        return _Before(since=self.clock.now(), attempt=request.job_id, live=self.pointer.read())

    def _jobs(self, request: Request, package: str, before: _Before) -> list[ValidationJob]:
        wanted = {"candidate": package}
        if before.live is not None and self.gate.criteria.compares:
            wanted["live"] = before.live
        return [
            ValidationJob.of(
                who,
                arn,
                endpoint=request.place.name,
                execution=request.execution,
                attempt=before.attempt,
            )
            for who, arn in wanted.items()
        ]

    def _late(self, before: _Before, grace: float = 0) -> bool:
        return self.clock.now() - before.since > 60 * self.gate.max_minutes + grace

    def _progress(self, jobs: Sequence[ValidationJob], before: _Before, package: str) -> Outcome:
        views = {job: self.transforms.describe(job.name) for job in jobs}
        failed = any(view and not view.in_progress and view.status != COMPLETED for view in views.values())
        late = self._late(before)
        for job, view in views.items():
            if view is None and not (failed or late):
                views[job] = self._started(job)
            elif view is not None and view.status == _STARTED.status and (failed or late):
                self.transforms.stop(job.name)
        at_work = [job.who for job, view in views.items() if view and view.in_progress]
        if at_work and not self._late(before, _GRACE_SECONDS):
            doing = "stopped" if failed or late else "asked"
            summary = (
                f"{' and '.join(at_work)}: being {doing}, {len(self.data)} rows, data {self.data.version}"
            )
            return Wait(summary=summary, token=before.to_token())
        outcome = self._judged(views, before, package)
        self._clean(jobs)
        return outcome

    def _started(self, job: ValidationJob) -> Transform:
        containers = self.registry.containers(job.package)
        key = input_key(self.data)
        self.objects.write(key, self.data.lines)
        self.transforms.create_model(job.model(containers, gate=self.gate, role_arn=self.role_arn))
        self.transforms.start(
            job.transform(
                gate=self.gate, input_uri=self.objects.uri(key), output_uri=self.objects.uri(job.output_key)
            )
        )
        return _STARTED

    def _judged(
        self, views: Mapping[ValidationJob, Transform | None], before: _Before, package: str
    ) -> Outcome:
        answers: dict[str, list[Any]] = {}
        # The one that was stopped because of the other is not the reason.
        for job, view in sorted(
            views.items(), key=lambda item: item[1] is None or item[1].status != "Failed"
        ):
            try:
                answers[job.who] = self._answers(job, view, before)
            except AnswersInvalid as error:
                return Failed(message=f"the {job.who} version {_number(job.package)} was not judged: {error}")
        try:
            judgement = self.gate.criteria.judge(
                labels=self.data.labels, candidate=answers["candidate"], live=answers.get("live")
            )
        except Unusable as error:
            return Failed(message=f"the answers cannot be judged by {self.gate.criteria.metric}: {error}")
        text = f"version {_number(package)}, data {self.data.version}: {judgement.text}"
        if not judgement.passed:
            return Failed(message=f"{text}. It goes no further: train a better one, or change the gate")
        variables = {"PackageArn": package, "DataVersion": self.data.digest, "Evidence": text}
        return Done(summary=text, variables=variables)

    def _answers(self, job: ValidationJob, view: Transform | None, before: _Before) -> list[Any]:
        if view is None or view.status != COMPLETED:
            raise AnswersInvalid(self._why(job, view, before.trouble))
        content = self.objects.read(job.output_key)
        if content is None:
            raise AnswersInvalid(f"the job {job.name} has written no {self.objects.uri(job.output_key)}")
        return predictions(content, rows=len(self.data), pointer=self.gate.prediction)

    def _why(self, job: ValidationJob, view: Transform | None, trouble: str) -> str:
        if view is None:
            why = f": {trouble}" if trouble else ""
            return f"its transform job could not be started in {self.gate.max_minutes:g} minutes{why}"
        late = "" if view.reason else f"; both jobs together may take {self.gate.max_minutes:g} minutes"
        return (
            f"its transform job {job.name} is {view.status}{': ' if view.reason else ''}{view.reason}{late}"
        )

    def _clean(self, jobs: Sequence[ValidationJob]) -> None:
        for job in jobs:
            self.transforms.delete_model(job.name)

    def _abandon(self, jobs: Sequence[ValidationJob]) -> None:
        """Leave nothing behind as far as AWS lets us: what is told is the fault that led here."""
        for job in jobs:
            best_effort(f"stop {job.name}", partial(self.transforms.stop, job.name), otherwise=None)
            best_effort(f"delete {job.name}", partial(self.transforms.delete_model, job.name), otherwise=None)


def _number(package: str) -> str:
    """Return a version's number, as people call it."""
    return package.rpartition("/")[2]
