"""Runs the job that CodePipeline asks for, and tells CodePipeline what came of it, whatever comes of it."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from deliver.outcome import (
    CONFIGURATION,
    JOB_FAILED,
    PERMISSION,
    UNAVAILABLE,
    Done,
    Failed,
    Outcome,
    Wait,
)
from deliver.ports import JobReports
from deliver.request import Request
from tidegate_runtime.errors import Denied, Fault, Rejected, RequestInvalid, Transient
from tidegate_runtime.ports import Clock

Job = Callable[[Request], Outcome]

PATIENCE_SECONDS: Final = 3600
"""How long AWS may answer nothing but throttles and server errors before a job fails."""

DENIED_SECONDS: Final = 120
"""How long a permission may be missing: a role or a policy of a minute ago is not known everywhere yet.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
"""

# https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html
_SHORT: Final = 240
_LONGEST_VALUE: Final = 1000
_LONGEST_TEXT: Final = 2048
_LONGEST_MESSAGE: Final = 5000

_LOG = logging.getLogger("tidegate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Answers the calls of delivery pipelines.

    Attributes:
        job_of: Finds the job that a request names; raises RequestInvalid for an unknown one.
        reports: Where the outcome goes.

    """

    job_of: Callable[[Request], Job]
    reports: JobReports
    clock: Clock

    def __call__(self, event: Mapping[str, Any]) -> dict[str, str]:
        """Handle one call; return the job's id and what was reported.

        Raises:
            Fault: CodePipeline took no report at all. Lambda calls again, and so does this.

        """
        job = event["CodePipeline.job"]
        before = _read(job["data"].get("continuationToken"))
        return {"job": job["id"], "outcome": self._report(job["id"], self._outcome(job, before))}

    def _outcome(self, job: Mapping[str, Any], before: Mapping[str, Any]) -> Outcome:
        try:
            request = Request.of(job, token=before.get("job", {}))
            outcome = self.job_of(request)(request)
        except (Denied, Transient) as fault:
            return self._patient(fault, before)
        except RequestInvalid as fault:
            return Failed(message=str(fault), kind=CONFIGURATION)
        except Fault as fault:
            return Failed(message=str(fault))
        except Exception as error:  # noqa: BLE001  (unreported, it would be a time-out after 20 minutes)
            _LOG.exception("a job broke")
            what = f"{type(error).__name__}: {error}"
            return Failed(message=f"the job broke ({what}): read the log of this function, and report it")
        if isinstance(outcome, Wait):
            return Wait(summary=outcome.summary, token={"job": outcome.token})
        return outcome

    def _patient(self, fault: Fault, before: Mapping[str, Any]) -> Outcome:
        """Try again with the same token, until the same kind of trouble has lasted too long."""
        denied = isinstance(fault, Denied)
        kind, longest = (PERMISSION, DENIED_SECONDS) if denied else (UNAVAILABLE, PATIENCE_SECONDS)
        now, trouble = self.clock.now(), before.get("trouble", {})
        since = trouble["since"] if trouble.get("kind") == kind else now
        if now - since >= longest:
            minutes = round((now - since) / 60)
            return Failed(message=f"for {minutes} minutes, AWS has only answered: {fault}", kind=kind)
        token = {"job": before.get("job", {}), "trouble": {"kind": kind, "since": since}}
        return Wait(summary=f"AWS has answered, and will be asked again: {fault}", token=token)

    def _report(self, job_id: str, outcome: Outcome) -> str:
        try:
            return self._told(job_id, outcome)
        except Rejected as fault:
            message = f"CodePipeline did not take the outcome of this job: {fault}"
            return self._told(job_id, Failed(message=message, kind=JOB_FAILED))

    def _told(self, job_id: str, outcome: Outcome) -> str:
        match outcome:
            case Done():
                variables = {"Summary": clipped(outcome.summary, _SHORT)} | {
                    name: clipped(value, _LONGEST_VALUE) for name, value in outcome.variables.items()
                }
                summary = clipped(outcome.summary, _LONGEST_TEXT)
                self.reports.done(job_id, variables=variables, summary=summary)
            case Wait():
                token = json.dumps(outcome.token, separators=(",", ":"))
                self.reports.goes_on(job_id, token=token, summary=clipped(outcome.summary, _LONGEST_TEXT))
            case Failed():
                message = clipped(outcome.message, _LONGEST_MESSAGE)
                self.reports.failed(job_id, message=message, kind=outcome.kind)
        return type(outcome).__name__


def clipped(text: str, longest: int) -> str:
    """Return text that CodePipeline takes: not empty, and cut where it is too long."""
    whole = text if text else "-"
    return whole if len(whole) <= longest else f"{whole[: longest - 3]}..."


def _read(token: str | None) -> Mapping[str, Any]:
    return json.loads(token) if token else {}
