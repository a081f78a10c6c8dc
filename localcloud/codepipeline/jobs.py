"""Jobs that Lambda functions work on, and their answers.

Source: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from localcloud.codepipeline.execution import new_id
from localcloud.errors import AwsError

MOST_VARIABLE_BYTES: Final = 122_880


@dataclass(slots=True, kw_only=True)
class Job:
    """One job, which one invocation works on.

    Attributes:
        id: its id.
        answered: set once there is an answer.
        answer: the parameters of PutJobSuccessResult or PutJobFailureResult.

    """

    id: str = field(default_factory=new_id)
    answered: threading.Event = field(default_factory=threading.Event)
    answer: Mapping[str, Any] = field(default_factory=dict)


class Jobs:
    """All jobs that are not forgotten; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def new(self) -> Job:
        """Return a new job."""
        job = Job()
        with self._lock:
            self._jobs[job.id] = job
        return job

    def answer(self, params: Mapping[str, Any]) -> None:
        """Take the answer of a job.

        Args:
            params: parameters of PutJobSuccessResult or PutJobFailureResult.

        Raises:
            AwsError: JobNotFoundException, InvalidJobStateException for a job that was answered,
                OutputVariablesSizeExceededException, ValidationException.

        """
        variables = params.get("outputVariables", {})
        if variables and params.get("continuationToken"):
            raise AwsError(
                "ValidationException", "outputVariables cannot be given together with a continuationToken"
            )
        size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
        if size > MOST_VARIABLE_BYTES:
            raise AwsError(
                "OutputVariablesSizeExceededException",
                f"The output variables have {size} bytes, at most {MOST_VARIABLE_BYTES} are allowed",
            )
        with self._lock:
            job = self._jobs.get(params["jobId"])
            if job is None:
                raise AwsError("JobNotFoundException", f"There is no job {params['jobId']}")
            if job.answered.is_set():
                raise AwsError("InvalidJobStateException", f"The job {job.id} has ended")
            job.answer = dict(params)
            job.answered.set()
