"""Where a pipeline's source comes from: one of three kinds."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from stacks.fields.values import Like, Text, arn
from stacks.findings import NOTHING, Finding, refuse, whole
from stacks.part import Part

ConnectionArn = Annotated[
    str,
    Like(
        arn("(codeconnections|codestar-connections)", r"connection/[0-9a-f-]{36}"),
        "arn:aws:codeconnections:eu-west-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef",
    ),
]
Repository = Annotated[str, Like(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+", "owner/name")]
BucketName = Annotated[str, Like(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "my-bucket")]

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "connection": ("connection", "repository", "provider", "branch", "paths"),
    "codecommit": ("codecommit", "branch"),
    "s3_bucket": ("s3_bucket", "s3_key", "poll"),
}
"""The field that decides a kind, and all fields of it."""

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "connection": ("repository",),
    "codecommit": (),
    "s3_bucket": ("s3_key",),
}


class SourcePart(Part):
    """GitHub, GitLab or Bitbucket by a connection; CodeCommit; or an archive in S3.

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/userguide/integrations-action-type.html

    """

    connection: ConnectionArn | None = None
    repository: Repository | None = None
    provider: Literal["github", "gitlab", "bitbucket"] = "github"
    codecommit: Text | None = None
    branch: Text = "main"
    paths: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    s3_bucket: BucketName | None = None
    s3_key: Text | None = None
    poll: bool = False

    @property
    def kind(self) -> Literal["connection", "codecommit", "s3"]:
        """The kind, once the part is known to be right."""
        if self.connection is not None:
            return "connection"
        return "codecommit" if self.codecommit is not None else "s3"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        deciding = [name for name in _KINDS if self.says(name)]
        if not deciding:
            return refuse(self, [self._undecided()])
        return refuse(self, self._mixed(deciding[0]))

    def _undecided(self) -> Finding:
        if self.says("repository"):
            message = "is missing: a repository outside of AWS is reached by the ARN of a connection"
            return Finding(at=("connection",), message=message, got=NOTHING)
        return whole(f"must have one of {', '.join(_KINDS)}")

    def _mixed(self, kind: str) -> Iterator[Finding]:
        for name in sorted(self.model_fields_set - set(_KINDS[kind])):
            message = f"does not go with {kind}: a source is of one kind"
            yield Finding(at=(name,), message=message, got=NOTHING)
        for name in _NEEDED[kind]:
            if not self.says(name):
                yield Finding(at=(name,), message=f"is missing: {kind} needs it", got=NOTHING)
