"""Where the commits of a pipeline come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from aws_cdk import aws_codecommit as codecommit
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from aws_cdk import pipelines
from constructs import Construct

ACTION: Final = "Source"
"""Name of the source's action, and of the namespace of its variables."""

_PROVIDERS: Final = ("github", "gitlab", "bitbucket")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySource:
    """The source of a pipeline: a Git repository behind a connection, CodeCommit, or an archive in S3.

    Make it by one of the factories.

    Attributes:
        kind: `connection`, `codecommit` or `s3`.
        place: `owner/name` of a repository, its name in CodeCommit, or a bucket.
        branch: The branch; of S3 the key of the archive.
        connection_arn: ARN of the connection.
        provider: Who hosts the repository behind the connection.
        paths: Glob patterns; with any, only commits that touch one of them start the pipeline.
        poll: Whether CodePipeline asks S3 for changes, instead of hearing of them from EventBridge.

    Example:
        DeliverySource.connection("owner/name", branch="main", connection_arn=arn)

    """

    kind: Literal["connection", "codecommit", "s3"]
    place: str
    branch: str
    connection_arn: str = ""
    provider: str = "github"
    paths: Sequence[str] = ()
    poll: bool = False

    @classmethod
    def connection(
        cls,
        repository: str,
        *,
        connection_arn: str,
        branch: str = "main",
        provider: str = "github",
        paths: Sequence[str] = (),
    ) -> Self:
        """Return GitHub, GitLab or Bitbucket by a connection.

        Raises:
            ValueError: the provider is none of these.

        """
        if provider not in _PROVIDERS:
            raise ValueError(f"provider must be one of {', '.join(_PROVIDERS)}, got {provider!r}")
        return cls(
            kind="connection",
            place=repository,
            branch=branch,
            connection_arn=connection_arn,
            provider=provider,
            paths=paths,
        )

    @classmethod
    def codecommit(cls, repository: str, *, branch: str = "main") -> Self:
        """Return a repository in CodeCommit, in the pipeline's own account and region."""
        return cls(kind="codecommit", place=repository, branch=branch)

    @classmethod
    def s3(cls, bucket: str, *, key: str, poll: bool = False) -> Self:
        """Return an archive (`.zip`) in a versioned bucket.

        With EventBridge, the bucket must send it its events: it is named, not owned, by the pipeline.
        """
        return cls(kind="s3", place=bucket, branch=key, poll=poll)

    @property
    def revision(self) -> str:
        """How later actions say the revision that an execution is about."""
        return f"#{{{ACTION}.{'VersionId' if self.kind == 's3' else 'CommitId'}}}"

    def step(self, scope: Construct) -> pipelines.CodePipelineSource:
        """Return the source for CDK Pipelines; names that it looks up are made in `scope`."""
        if self.kind == "connection":
            return pipelines.CodePipelineSource.connection(
                self.place, self.branch, connection_arn=self.connection_arn, action_name=ACTION
            )
        if self.kind == "codecommit":
            repository = codecommit.Repository.from_repository_name(scope, "Repository", self.place)
            return pipelines.CodePipelineSource.code_commit(repository, self.branch, action_name=ACTION)
        # The CDK's own event trigger needs a trail of the bucket; `starts_on` needs events of S3 only.
        trigger = actions.S3Trigger.POLL if self.poll else actions.S3Trigger.NONE
        bucket = s3.Bucket.from_bucket_name(scope, "SourceBucket", self.place)
        return pipelines.CodePipelineSource.s3(bucket, self.branch, action_name=ACTION, trigger=trigger)

    def starts_on(self) -> events.EventPattern | None:
        """Return the event that starts the pipeline where CodePipeline itself does not hear of a change.

        Source:
            https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html

        """
        if self.kind != "s3" or self.poll:
            return None
        return events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created"],
            detail={"bucket": {"name": [self.place]}, "object": {"key": [self.branch]}},
        )

    def triggers(self) -> list[dict[str, Any]]:
        """Return the triggers of the pipeline: a push to the branch that touches one of the paths.

        Source:
            https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-codepipeline-pipeline-pipelinetriggerdeclaration.html

        """
        if self.kind != "connection":
            return []
        paths = {"FilePaths": {"Includes": list(self.paths)}} if self.paths else {}
        push = {"Branches": {"Includes": [self.branch]}, **paths}
        return [
            {
                "ProviderType": "CodeStarSourceConnection",
                "GitConfiguration": {"SourceActionName": ACTION, "Push": [push]},
            }
        ]
