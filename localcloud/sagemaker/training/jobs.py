"""The training jobs of the account.

Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html,
API_StopTrainingJob.html, and https://docs.aws.amazon.com/sagemaker/latest/dg/how-it-works-training.html
"""

import logging
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.sagemaker.events import Events
from localcloud.sagemaker.listing import Listing
from localcloud.sagemaker.names import Params, arn, invalid
from localcloud.sagemaker.tags import Tags
from localcloud.sagemaker.training.container import Container, InputMissing
from localcloud.sagemaker.training.job import TrainingJob
from localcloud.sagemaker.training.process import Script
from localcloud.sagemaker.training.settings import Settings
from localcloud.sagemaker.transform.objects import Objects

_logger: Final = logging.getLogger(__name__)
_LISTING: Final = Listing(result="TrainingJobSummaries", name="TrainingJobName", status="TrainingJobStatus")
_START_SECONDS: Final = 120
_ARCHIVE: Final = "application/gzip"


class TrainingJobs:
    """Makes, runs, stops and describes training jobs, each in a process and a thread of its own.

    A job takes some cloud minutes to start, then as long as its script really takes.

    Args:
        clock: the cloud clock.
        tags: tags of the jobs.
        events: told of every change of status.
        objects: S3.
        lock: the service's; it is not held while a job works.

    """

    def __init__(
        self, *, clock: CloudClock, tags: Tags, events: Events, objects: Objects, lock: threading.RLock
    ) -> None:
        self._clock = clock
        self._tags = tags
        self._events = events
        self._objects = objects
        self._lock = lock
        self._jobs: dict[str, TrainingJob] = {}
        self._scripts: dict[str, Script] = {}

    def op_create_training_job(self, params: Params) -> dict[str, Any]:
        """Start a job."""
        name, job_arn = params["TrainingJobName"], arn("training-job", params["TrainingJobName"])
        if name.lower() in self._jobs:
            raise AwsError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, and a job with this name already "
                f"exists ({job_arn})",
            )
        now = self._clock.now()
        job = TrainingJob(
            name=name,
            arn=job_arn,
            params={key: value for key, value in params.items() if key not in ("TrainingJobName", "Tags")},
            settings=Settings.parse(params),
            created=now,
            modified=now,
        )
        self._jobs[name.lower()] = job
        self._scripts[job.name] = Script()
        self._tags.create(job.arn, params.get("Tags"))
        job.enter("Starting", now)
        self._events.training_job(job)
        self._clock.after(_START_SECONDS, lambda: self._start(job))
        return {"TrainingJobArn": job.arn}

    def op_describe_training_job(self, params: Params) -> dict[str, Any]:
        """Describe a job."""
        return self.get(params["TrainingJobName"]).describe()

    def op_list_training_jobs(self, params: Params) -> dict[str, Any]:
        """List jobs."""
        return _LISTING.page([job.summary() for job in self._jobs.values()], params)

    def op_stop_training_job(self, params: Params) -> dict[str, Any]:
        """Stop a job that is in progress."""
        job = self.get(params["TrainingJobName"])
        if job.status != "InProgress":
            raise invalid(f"The request was rejected because the training job is in status {job.status}.")
        job.status = "Stopping"
        job.enter("Stopping", self._clock.now())
        self._events.training_job(job)
        self._scripts[job.name].kill()
        if job.started is None:
            self._end(job, "Stopped")
        return {}

    def get(self, name: str) -> TrainingJob:
        """Return a job.

        Raises:
            AwsError: ValidationException, when there is none.

        """
        if name.lower() not in self._jobs:
            raise invalid("Requested resource not found.")
        return self._jobs[name.lower()]

    def close(self) -> None:
        """End every process."""
        for script in self._scripts.values():
            script.kill()

    def _start(self, job: TrainingJob) -> None:
        with self._lock:
            if job.status != "InProgress":
                return
            job.started = self._clock.now()
            job.enter("Downloading", job.started)
        threading.Thread(target=self._work, args=(job,), name=job.name, daemon=True).start()

    def _work(self, job: TrainingJob) -> None:
        folder = Path(tempfile.mkdtemp(prefix="tidegate-training-"))
        try:
            self._train(job, folder)
        except InputMissing as error:
            self._end(job, "Failed", reason=f"ClientError: {error}")
        except AwsError as error:
            self._end(job, "Failed", reason=f"ClientError: Artifact upload failed: {error.message}")
        except Exception:
            _logger.exception("training job %s failed", job.name)
            self._end(job, "Failed", reason="InternalServerError: We encountered an internal error.")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _train(self, job: TrainingJob, folder: Path) -> None:
        settings, script = job.settings, self._scripts[job.name]
        container = Container.prepare(
            folder, settings=settings, below=self._objects.below, read=self._objects.read
        )
        with self._lock:
            job.enter("Training", self._clock.now())
        status = script.run(
            container.command(settings),
            container.environment(settings, job=job.name),
            container.folder,
            timeout_seconds=settings.longest_seconds,
        )
        with self._lock:
            job.metrics = _told(job, script, at=self._clock.now())
        if status == 0:
            self._upload(job, container)
        elif status is not None:
            why = container.failure() or script.last_words()
            self._end(job, "Failed", reason=f"AlgorithmError: the script ended with {status}: {why}")
        elif job.status == "Stopping":
            self._end(job, "Stopped")
        else:
            self._end(job, "Stopped", secondary="MaxRuntimeExceeded")

    def _upload(self, job: TrainingJob, container: Container) -> None:
        with self._lock:
            job.enter("Uploading", self._clock.now())
        self._objects.write(job.artifact, container.model(), _ARCHIVE)
        self._end(job, "Completed")

    def _end(self, job: TrainingJob, status: Any, *, secondary: str | None = None, reason: str = "") -> None:
        with self._lock:
            if job.ended is not None:
                return
            # One that was asked to stop is stopped, whatever its script came to meanwhile.
            stopped = job.status == "Stopping"
            job.end(
                "Stopped" if stopped else status,
                self._clock.now(),
                secondary=None if stopped else secondary,
                reason="" if stopped else reason,
            )
            self._events.training_job(job)


def _told(job: TrainingJob, script: Script, *, at: float) -> list[dict[str, Any]]:
    """Return the last value of each metric that the output told."""
    found: dict[str, float] = {}
    for line in script.lines:
        for name, pattern in job.settings.metrics:
            match = pattern.search(line)
            if match is not None and match.groups():
                found[name] = float(match.group(1))
    return [{"MetricName": name, "Value": value, "Timestamp": at} for name, value in found.items()]
