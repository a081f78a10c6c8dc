"""What the actions of a pipeline do, one kind a file."""

from collections.abc import Mapping

from localcloud.clients import Clients
from localcloud.clock import CloudClock
from localcloud.codebuild import CodeBuild
from localcloud.codepipeline.actions.builds import BuildAction
from localcloud.codepipeline.actions.invoke import InvokeAction
from localcloud.codepipeline.actions.source import S3Source
from localcloud.codepipeline.actions.stacks import StackAction
from localcloud.codepipeline.context import Runner
from localcloud.codepipeline.jobs import Jobs

__all__ = ["runners"]


def runners(
    clock: CloudClock, clients: Clients, builds: CodeBuild, jobs: Jobs
) -> Mapping[tuple[str, str], Runner]:
    """Return what carries out each kind of action but approvals, by category and provider.

    Args:
        clock: the cloud clock.
        clients: reaches the other services.
        builds: runs builds.
        jobs: what Lambda functions answer.

    """
    build = BuildAction(builds)
    return {
        ("Source", "S3"): S3Source(clients),
        ("Build", "CodeBuild"): build,
        ("Test", "CodeBuild"): build,
        ("Deploy", "CloudFormation"): StackAction(clients),
        ("Invoke", "Lambda"): InvokeAction(clock, clients, jobs),
    }
