"""Answers to CodePipeline's calls of a function."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated

# The call came twice, and the other one has answered; or the action was stopped meanwhile.
_OVER: Final = ("InvalidJobStateException", "JobNotFoundException")


class PipelineJobs:
    """Jobs found by their ids.

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html

    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def done(self, job_id: str, *, variables: Mapping[str, str], summary: str) -> None:
        """Tell that a job is done."""
        with _unless_over():
            self._client.put_job_success_result(
                jobId=job_id, outputVariables=dict(variables), executionDetails={"summary": summary}
            )

    def goes_on(self, job_id: str, *, token: str, summary: str) -> None:
        """Tell that a job is not done yet."""
        with _unless_over():
            self._client.put_job_success_result(
                jobId=job_id, continuationToken=token, executionDetails={"summary": summary}
            )

    def failed(self, job_id: str, *, message: str, kind: str) -> None:
        """Tell that a job has failed."""
        with _unless_over():
            self._client.put_job_failure_result(
                jobId=job_id, failureDetails={"type": kind, "message": message}
            )


@contextmanager
def _unless_over() -> Iterator[None]:
    with translated():
        try:
            yield
        except ClientError as error:
            if code_of(error) not in _OVER:
                raise
