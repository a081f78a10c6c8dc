"""CodeBuild build and test actions.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
"""

import json
from typing import Any, Final

from localcloud.codebuild import CodeBuild, Handover
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.outcome import ActionFailed, Succeeded
from localcloud.errors import AwsError

_POLL_SECONDS: Final = 0.05


class BuildAction:
    """Runs a build on the input artifacts.

    Args:
        builds: CodeBuild.

    """

    def __init__(self, builds: CodeBuild) -> None:
        self._builds = builds

    def __call__(self, context: Context) -> Succeeded:
        """Start the build and wait until it is over.

        Raises:
            ActionFailed: the build failed or could not start.

        """
        outputs = tuple(context.new_artifact(name) for name in context.run.action.outputs)
        primary = context.configuration.get("PrimarySource") or context.run.action.inputs[0]
        source = context.input(primary)
        handover = Handover(
            primary=source,
            secondary=tuple(each for each in context.run.inputs if each.name != primary),
            outputs=outputs,
            initiator=f"codepipeline/{context.execution.definition.name}",
        )
        try:
            build = self._builds.start(
                context.configuration["ProjectName"], _variables(context), handover=handover
            )
        except AwsError as error:
            raise ActionFailed("ConfigurationError", error.message) from error
        context.run.external_id = build.id
        while not build.over.wait(_POLL_SECONDS):
            if context.run.cancelled.is_set():
                self._builds.stop(build)
        if build.status != "SUCCEEDED":
            raise ActionFailed(
                "JobFailed",
                f"Build terminated with state: {build.status}. {build.told()}".strip(),
                external_id=build.id,
            )
        return Succeeded(variables=dict(build.exported), artifacts=outputs, external_id=build.id)


def _variables(context: Context) -> list[dict[str, Any]]:
    text = context.configuration.get("EnvironmentVariables", "[]")
    try:
        variables: list[dict[str, Any]] = json.loads(text)
    except ValueError as error:
        raise ActionFailed(
            "InvalidActionConfiguration", f"EnvironmentVariables are not JSON: {error}"
        ) from error
    return variables
