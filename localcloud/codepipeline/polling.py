"""PollForSourceChanges: a new version of a source object starts the pipeline.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
"""

import threading
from collections.abc import Callable
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.clients import Clients
from localcloud.clock import CloudClock
from localcloud.codepipeline.actions.source import version_of
from localcloud.codepipeline.definition import Action
from localcloud.codepipeline.pipeline import Pipeline

POLL_SECONDS: Final = 60
"""Cloud seconds between two looks; AWS names no figure."""

Changed = Callable[[Pipeline, Action, str], None]
"""Called with a source action whose object has another version than was seen last."""


class Polling:
    """Looks at source objects for as long as there are pipelines that want it.

    Args:
        clock: the cloud clock.
        clients: reaches S3.
        pipelines: returns all pipelines.
        changed: what to do about a change.

    """

    def __init__(
        self,
        clock: CloudClock,
        clients: Clients,
        pipelines: Callable[[], list[Pipeline]],
        changed: Changed,
    ) -> None:
        self._clock = clock
        self._clients = clients
        self._pipelines = pipelines
        self._changed = changed
        self._started = False

    def begin(self) -> None:
        """Look from now on; a second call does nothing."""
        if not self._started:
            self._started = True
            self._clock.after(POLL_SECONDS, self._tick)

    def _tick(self) -> None:
        # Off the clock's thread, which all services share.
        threading.Thread(target=self._look, name="pipeline-polling", daemon=True).start()

    def _look(self) -> None:
        try:
            for pipeline in self._pipelines():
                stage = pipeline.definition.stages[0]
                # While a source action runs, it decides what was seen last.
                if pipeline.gate(stage.name).occupant is None:
                    for action in stage.actions:
                        self._compare(pipeline, action)
        finally:
            self._clock.after(POLL_SECONDS, self._tick)

    def _compare(self, pipeline: Pipeline, action: Action) -> None:
        configuration = action.configuration
        if configuration.get("PollForSourceChanges", "true").lower() != "true":
            return
        role = action.role_arn or pipeline.definition.role_arn
        s3 = self._clients.of("s3", role, pipeline.definition.name)
        try:
            found = s3.head_object(Bucket=configuration["S3Bucket"], Key=configuration["S3ObjectKey"])
        except (BotoCoreError, ClientError):
            return
        version = version_of(found)
        if pipeline.seen.get(action.name) != version:
            pipeline.seen[action.name] = version
            self._changed(pipeline, action, version)
