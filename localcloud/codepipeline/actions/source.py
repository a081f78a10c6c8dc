"""Source actions: one zip in S3.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
"""

from typing import Any, Final

from botocore.exceptions import ClientError

from localcloud.clients import Clients
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.outcome import ActionFailed, Revision, Succeeded

_SUMMARY: Final = "codepipeline-artifact-revision-summary"


class S3Source:
    """Takes an object as the source, in the version asked for or the newest, and copies it to the artifacts.

    Args:
        clients: reaches S3.

    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def __call__(self, context: Context) -> Succeeded:
        """Take the object.

        Raises:
            ActionFailed: it is not there, or must not be read.

        """
        configuration = context.configuration
        bucket, key = configuration["S3Bucket"], configuration["S3ObjectKey"]
        s3 = self._clients.of("s3", context.role_arn, context.session)
        asked = context.execution.revisions.get(context.run.action.name)
        which = {"VersionId": asked} if asked else {}
        try:
            found = s3.get_object(Bucket=bucket, Key=key, **which)
            data = found["Body"].read()
            version = version_of(found)
            artifact = context.new_artifact(context.run.action.outputs[0], version)
            s3.put_object(Bucket=artifact.bucket, Key=artifact.key, Body=data)
        except ClientError as error:
            reason = error.response["Error"]
            raise ActionFailed(
                "ConfigurationError", f"Cannot take s3://{bucket}/{key} as the source: {reason['Message']}"
            ) from error
        context.pipeline.seen[context.run.action.name] = version
        etag = found["ETag"].strip('"')
        variables = {"BucketName": bucket, "ObjectKey": key, "ETag": etag, "VersionId": version}
        summary = found.get("Metadata", {}).get(_SUMMARY, "")
        return Succeeded(
            variables=variables,
            artifacts=(artifact,),
            revision=Revision(id=version, summary=summary),
            summary=summary or f"Amazon S3 version id: {version}",
        )


def version_of(answer: dict[str, Any]) -> str:
    """Return what identifies an object's content: its version, or its ETag in a bucket without versions."""
    version: str = answer.get("VersionId") or "null"
    return version if version != "null" else str(answer["ETag"]).strip('"')
