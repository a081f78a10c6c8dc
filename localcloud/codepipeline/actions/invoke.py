"""Lambda invoke actions.

Sources: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html,
https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html (continuation),
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (a function that raises is
invoked twice more, after one and after two minutes)
"""

import json
from typing import Any, Final

from botocore.exceptions import ClientError

from localcloud.artifact import Artifact
from localcloud.clients import Clients
from localcloud.clock import CloudClock
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.jobs import Job, Jobs
from localcloud.codepipeline.outcome import ActionFailed, Succeeded

AGAIN_SECONDS: Final = 30
"""Cloud seconds between an answer with a continuation token and the next invocation; AWS names no figure."""
TIMEOUT_SECONDS: Final = 24 * 3600
"""Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

_RETRY_SECONDS: Final = (60, 120)
_POLL_SECONDS: Final = 0.05


class InvokeAction:
    """Invokes a function until it has answered without a continuation token.

    Args:
        clock: the cloud clock.
        clients: reaches Lambda.
        jobs: where answers arrive.

    """

    def __init__(self, clock: CloudClock, clients: Clients, jobs: Jobs) -> None:
        self._clock = clock
        self._clients = clients
        self._jobs = jobs

    def __call__(self, context: Context) -> Succeeded:
        """Invoke the function, again and again while it asks for it.

        Raises:
            ActionFailed: the function said so, raised three times, or is not done after 24 hours.

        """
        deadline = self._clock.now() + TIMEOUT_SECONDS
        outputs = tuple(context.new_artifact(name) for name in context.run.action.outputs)
        token = ""
        while True:
            answer = self._answer(context, outputs, token, deadline)
            if "failureDetails" in answer:
                failure = answer["failureDetails"]
                raise ActionFailed(
                    failure["type"],
                    failure["message"],
                    external_id=failure.get("externalExecutionId", ""),
                )
            details = answer.get("executionDetails", {})
            context.run.summary = details.get("summary", context.run.summary)
            context.run.percent = details.get("percentComplete", context.run.percent)
            context.run.external_id = details.get("externalExecutionId", context.run.external_id)
            token = answer.get("continuationToken", "")
            if not token:
                return Succeeded(variables=dict(answer.get("outputVariables", {})), artifacts=outputs)
            self._rest(context, AGAIN_SECONDS, deadline)

    def _answer(
        self, context: Context, outputs: tuple[Artifact, ...], token: str, deadline: float
    ) -> dict[str, Any]:
        job = self._jobs.new()
        event = self._event(context, job, outputs, token)
        raised = ""
        for seconds in (*_RETRY_SECONDS, None):
            raised = self._invoke(context, event)
            if not raised or job.answered.is_set():
                break
            if seconds is None:
                raise ActionFailed(
                    "JobFailed",
                    f"The function {context.configuration['FunctionName']} raised three times and gave no "
                    f"result: {raised}",
                )
            self._rest(context, seconds, deadline)
        while not job.answered.wait(_POLL_SECONDS):
            self._check(context, deadline)
        return dict(job.answer)

    def _invoke(self, context: Context, event: dict[str, Any]) -> str:
        """Invoke the function once; return what it raised, empty for nothing."""
        name = context.configuration["FunctionName"]
        client = self._clients.of("lambda", context.role_arn, context.session)
        try:
            answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        except ClientError as error:
            raise ActionFailed(
                "ConfigurationError",
                f"Cannot invoke the function {name}: {error.response['Error']['Message']}",
            ) from error
        if not answer.get("FunctionError"):
            return ""
        told = json.loads(answer["Payload"].read() or b"{}")
        return f"{told.get('errorType', 'Error')}: {told.get('errorMessage', 'no message')}"

    def _event(self, context: Context, job: Job, outputs: tuple[Artifact, ...], token: str) -> dict[str, Any]:
        credentials = self._clients.variables(context.role_arn, context.session)
        data: dict[str, Any] = {
            "actionConfiguration": {"configuration": dict(context.configuration)},
            "inputArtifacts": [_located(each) for each in context.run.inputs],
            "outputArtifacts": [_located(each) for each in outputs],
            "artifactCredentials": {
                "accessKeyId": credentials["AWS_ACCESS_KEY_ID"],
                "secretAccessKey": credentials["AWS_SECRET_ACCESS_KEY"],
                "sessionToken": credentials["AWS_SESSION_TOKEN"],
            },
        }
        if token:
            data["continuationToken"] = token
        return {"CodePipeline.job": {"id": job.id, "accountId": "000000000000", "data": data}}

    def _rest(self, context: Context, cloud_seconds: float, deadline: float) -> None:
        """Wait on the cloud clock, or until nobody waits for the action."""
        until = self._clock.now() + cloud_seconds
        while (left := until - self._clock.now()) > 0:
            self._check(context, deadline)
            context.run.cancelled.wait(min(self._clock.real(left), 0.2))
        self._check(context, deadline)

    def _check(self, context: Context, deadline: float) -> None:
        if context.run.cancelled.is_set():
            raise ActionFailed("JobFailed", "The execution was stopped.")
        if self._clock.now() > deadline:
            raise ActionFailed("JobFailed", "The function was not done after 24 hours.")


def _located(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "revision": artifact.revision or None,
        "location": {
            "type": "S3",
            "s3Location": {"bucketName": artifact.bucket, "objectKey": artifact.key},
        },
    }
