"""The transform jobs of the account.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html,
API_StopTransformJob.html (a stopped job stores no output) and API_TransformOutput.html (a failed job stores
the answers to the objects that succeeded)
"""

import logging
import threading
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.hosting import HostingEngine, LaunchFailed, launch_hosts
from localcloud.sagemaker.events import Events
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.names import Params, arn, invalid
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.transform.failures import AlgorithmFault, ClientFault, JobFault, JobStopped
from localcloud.sagemaker.transform.job import TransformJob
from localcloud.sagemaker.transform.objects import Objects, inputs
from localcloud.sagemaker.transform.run import Outcome, Run
from localcloud.sagemaker.transform.served import served_in_batch
from localcloud.sagemaker.transform.settings import Settings

_logger: Final = logging.getLogger(__name__)
_LISTING: Final = Listing(
    result="TransformJobSummaries", name="TransformJobName", status="TransformJobStatus"
)
_START_SECONDS: Final = 180
_STOP_SECONDS: Final = 60
_BINARY: Final = "application/octet-stream"


class TransformJobs:
    """Makes, runs, stops and describes transform jobs.

    A job takes some cloud minutes to start, then as long as its model takes for the data. Each runs in a
    thread of its own; the service's lock guards the jobs, and is not held while one works.

    Args:
        clock: the cloud clock.
        tags: tags of the jobs.
        models: the models.
        events: told of every change of status.
        engine: starts and ends model processes.
        objects: S3.
        lock: the service's.

    """

    def __init__(
        self,
        *,
        clock: CloudClock,
        tags: Tags,
        models: Models,
        events: Events,
        engine: HostingEngine,
        objects: Objects,
        lock: threading.RLock,
    ) -> None:
        self._clock = clock
        self._tags = tags
        self._models = models
        self._events = events
        self._engine = engine
        self._objects = objects
        self._lock = lock
        self._jobs: dict[str, TransformJob] = {}

    def op_create_transform_job(self, params: Params) -> dict[str, Any]:
        """Start a job."""
        name, job_arn = params["TransformJobName"], arn("transform-job", params["TransformJobName"])
        if name.lower() in self._jobs:
            raise AwsError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, and a job with this name already "
                f"exists ({job_arn})",
            )
        now, settings = self._clock.now(), Settings.parse(params)
        job = TransformJob(
            name=name,
            arn=job_arn,
            params={key: value for key, value in params.items() if key not in ("TransformJobName", "Tags")},
            settings=settings,
            served=served_in_batch(self._models.get(params["ModelName"]), settings.environment),
            created=now,
            modified=now,
        )
        self._jobs[name.lower()] = job
        self._tags.create(job.arn, params.get("Tags"))
        self._events.transform_job(job)
        self._clock.after(_START_SECONDS, lambda: self._start(job))
        return {"TransformJobArn": job.arn}

    def op_describe_transform_job(self, params: Params) -> dict[str, Any]:
        """Describe a job."""
        return self._get(params).describe()

    def op_list_transform_jobs(self, params: Params) -> dict[str, Any]:
        """List jobs."""
        return _LISTING.page([job.summary() for job in self._jobs.values()], params)

    def op_stop_transform_job(self, params: Params) -> dict[str, Any]:
        """Stop a job that is in progress."""
        job = self._get(params)
        if job.status != "InProgress":
            raise invalid(f"The request was rejected because the transform job is in status {job.status}.")
        job.status, job.modified = "Stopping", self._clock.now()
        self._events.transform_job(job)
        self._engine.retire(job.hosts)
        self._clock.after(_STOP_SECONDS, lambda: self._stopped(job))
        return {}

    def _get(self, params: Params) -> TransformJob:
        name = params["TransformJobName"]
        if name.lower() not in self._jobs:
            raise AwsError(
                "ResourceNotFound", f"Requested resource not found: {arn('transform-job', name)}", 400
            )
        return self._jobs[name.lower()]

    def _start(self, job: TransformJob) -> None:
        with self._lock:
            if job.status != "InProgress":
                return
            job.started = self._clock.now()
        threading.Thread(target=self._work, args=(job,), name=job.name, daemon=True).start()

    def _work(self, job: TransformJob) -> None:
        try:
            outcome = self._outcome(job)
            if job.status == "InProgress":
                self._store(outcome)
            self._end(job, next(iter(outcome.faults.items()), None))
        except JobStopped:
            return
        except JobFault as fault:
            self._end(job, (job.settings.input_uri, fault))
        except Exception:
            _logger.exception("transform job %s failed", job.name)
            self._end(job, (job.settings.input_uri, JobFault("We encountered an internal error.")))
        finally:
            self._engine.retire(job.hosts)

    def _outcome(self, job: TransformJob) -> Outcome:
        settings = job.settings
        targets = inputs(
            self._objects, settings.input_uri, manifest=settings.manifest, output=settings.output_uri
        )
        # An instance without an object would only idle.
        count = min(settings.instances, len(targets))
        try:
            hosts = launch_hosts(self._engine, job.served, count=count).result()
        except LaunchFailed as error:
            raise AlgorithmFault(str(error)) from error
        with self._lock:
            job.hosts = hosts
        run = Run(
            settings=settings,
            objects=self._objects,
            targets=targets,
            is_stopping=lambda: job.status != "InProgress",
        )
        return run.outcome(hosts)

    def _store(self, outcome: Outcome) -> None:
        for uri, answer in outcome.answers.items():
            try:
                self._objects.write(uri, answer, _BINARY)
            except AwsError as error:
                raise ClientFault(f"Data upload failed: {error.message}") from error

    def _end(self, job: TransformJob, fault: tuple[str, JobFault] | None) -> None:
        with self._lock:
            if job.status != "InProgress":
                return
            job.ended = job.modified = self._clock.now()
            if fault is None:
                job.status = "Completed"
            else:
                source, why = fault
                job.fail(f"{why.blame}: {source}: {why}")
            self._events.transform_job(job)

    def _stopped(self, job: TransformJob) -> None:
        with self._lock:
            job.status = "Stopped"
            job.ended = job.modified = self._clock.now()
            self._events.transform_job(job)
