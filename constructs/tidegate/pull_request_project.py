"""A build of every pull request: tests, and a review against what is deployed."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from tidegate._permissions import Statement, allow, policy_document, trust
from tidegate._pipeline_findings import acknowledge_project
from tidegate._validation import Faults
from tidegate.delivery_source import DeliverySource

IMAGE: Final = "aws/codebuild/standard:7.0"
RUNTIMES: Final[Mapping[str, str]] = {"nodejs": "22", "python": "3.12"}
"""Versions of runtimes in CodeBuild's image.

Source:
    https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html

"""

_HOSTS: Final = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_TOKENS: Final = {"github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN", "bitbucket": "BITBUCKET_TOKEN"}
_EVENTS: Final = ("PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED")
_TIMEOUT: Final = Duration.minutes(60)
_LOG_DAYS: Final = 30


class PullRequestProject(Construct):
    """A CodeBuild project that builds the pull requests of a branch, and tells the result to the repository.

    It runs code that nobody has reviewed. So it may read the source by the connection, write its own log, and
    take the roles that are given for reading what is deployed; nothing else. Pull requests from forks wait
    for a comment of a person who may write to the repository.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        project_name: Name of the project.
        source: A source with a connection.
        commands: What is run; the first command that fails fails the pull request.
        lookup_roles: ARNs of roles that may read what is deployed: of `cdk bootstrap`, its lookup roles.
        token_secret: ARN of a secret whose text lets the review comment on pull requests, as the variable
            `GITHUB_TOKEN`, `GITLAB_TOKEN` or `BITBUCKET_TOKEN`; no comments when None.
        runtimes: Versions of runtimes, by CodeBuild's names for them.

    Raises:
        ValueError: naming every fault at once.

    Example:
        PullRequestProject(
            stack,
            "PullRequests",
            project_name="tidegate-pull-requests",
            source=DeliverySource.connection("owner/name", connection_arn=arn),
            commands=["make unit", "npx cdk synth", "tidegate review --read-only"],
            lookup_roles=["arn:aws:iam::111122223333:role/cdk-hnb659fds-lookup-role-111122223333-eu-west-1"],
        )

    Source:
        https://docs.aws.amazon.com/codebuild/latest/userguide/github-webhook.html
        https://docs.aws.amazon.com/codebuild/latest/userguide/pull-request-build-policy.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project_name: str,
        source: DeliverySource,
        commands: Sequence[str],
        lookup_roles: Sequence[str],
        token_secret: str | None = None,
        runtimes: Mapping[str, str] = RUNTIMES,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults(f"project {project_name!r}")
        faults.require(
            ok=source.kind == "connection",
            message=f"source must be a connection: CodeBuild hears of pull requests by it, got {source.kind}",
        )
        faults.require(ok=bool(commands), message="must have at least one command, got none")
        faults.raise_if_any()
        log = logs.CfnLogGroup(self, "Log", retention_in_days=_LOG_DAYS)
        log.apply_removal_policy(RemovalPolicy.DESTROY)
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            policy_document=policy_document(_statements(log, source, lookup_roles, token_secret)),
        )
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=trust("codebuild.amazonaws.com"),
            managed_policy_arns=[policy.ref],
        )
        self._project = codebuild.CfnProject(
            self,
            "Resource",
            name=project_name,
            description="Tests pull requests, and compares them with what is deployed",
            service_role=role.attr_arn,
            artifacts=codebuild.CfnProject.ArtifactsProperty(type="NO_ARTIFACTS"),
            encryption_key="alias/aws/s3",
            environment=_environment(source, token_secret),
            source=_source(source, commands, runtimes),
            triggers=_triggers(source.branch),
            logs_config=codebuild.CfnProject.LogsConfigProperty(
                cloud_watch_logs=codebuild.CfnProject.CloudWatchLogsConfigProperty(
                    status="ENABLED", group_name=log.ref
                )
            ),
            timeout_in_minutes=_TIMEOUT.to_minutes(),
        )
        acknowledge_project(self._project)
        self.project_name: str = project_name
        """Name of the project."""


def _statements(
    log: logs.CfnLogGroup, source: DeliverySource, lookup_roles: Sequence[str], secret: str | None
) -> list[Statement]:
    # The old name of the service is the prefix of old ARNs' actions.
    prefix = source.connection_arn.split(":")[2]
    use = [f"{prefix}:{verb}" for verb in ("GetConnection", "GetConnectionToken", "UseConnection")]
    found = [
        allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [log.attr_arn]),
        allow("ReadSource", use, [source.connection_arn]),
    ]
    if lookup_roles:
        found.append(allow("ReadDeployed", ["sts:AssumeRole"], list(lookup_roles)))
    if secret is not None:
        found.append(allow("ReadToken", ["secretsmanager:GetSecretValue"], [secret]))
    return found


def _environment(source: DeliverySource, secret: str | None) -> codebuild.CfnProject.EnvironmentProperty:
    variables = []
    if secret is not None:
        variables.append(
            codebuild.CfnProject.EnvironmentVariableProperty(
                name=_TOKENS[source.provider], value=secret, type="SECRETS_MANAGER"
            )
        )
    return codebuild.CfnProject.EnvironmentProperty(
        type="LINUX_CONTAINER",
        image=IMAGE,
        compute_type="BUILD_GENERAL1_MEDIUM",
        privileged_mode=False,
        environment_variables=variables or None,
    )


def _source(
    source: DeliverySource, commands: Sequence[str], runtimes: Mapping[str, str]
) -> codebuild.CfnProject.SourceProperty:
    spec = {
        "version": "0.2",
        "phases": {
            "install": {"runtime-versions": dict(runtimes)},
            "build": {"commands": list(commands)},
        },
    }
    return codebuild.CfnProject.SourceProperty(
        type=source.provider.upper(),
        location=f"https://{_HOSTS[source.provider]}/{source.place}.git",
        auth=codebuild.CfnProject.SourceAuthProperty(type="CODECONNECTIONS", resource=source.connection_arn),
        build_spec=json.dumps(spec, indent=2),
        git_clone_depth=1,
        report_build_status=True,
    )


def _triggers(branch: str) -> codebuild.CfnProject.ProjectTriggersProperty:
    event = codebuild.CfnProject.WebhookFilterProperty(type="EVENT", pattern=", ".join(_EVENTS))
    base = codebuild.CfnProject.WebhookFilterProperty(type="BASE_REF", pattern=f"^refs/heads/{branch}$")
    return codebuild.CfnProject.ProjectTriggersProperty(
        webhook=True,
        filter_groups=[[event, base]],
        pull_request_build_policy=codebuild.CfnProject.PullRequestBuildPolicyProperty(
            requires_comment_approval="FORK_PULL_REQUESTS"
        ),
    )
