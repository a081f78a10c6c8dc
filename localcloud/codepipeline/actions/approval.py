"""Manual approvals.

Sources: https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html and
https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html (the notification)
"""

import json
import threading
from collections.abc import Callable
from typing import Final

from localcloud.clock import CloudClock
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.execution import new_id
from localcloud.codepipeline.outcome import ActionFailed, Succeeded

Notify = Callable[[str, str, str], None]
"""Publishes to an SNS topic: ARN, subject, message."""

_DEFAULT_MINUTES: Final = 7 * 24 * 60


class Decision:
    """What somebody decides about one approval; `made` is set once they have."""

    __slots__ = ("approved", "made", "summary")

    def __init__(self) -> None:
        self.made = threading.Event()
        self.approved = False
        self.summary = ""


class Approvals:
    """Waits for decisions; the token of a waiting approval is in the pipeline's state.

    Args:
        clock: the cloud clock.
        notify: publishes the notification.

    """

    def __init__(self, clock: CloudClock, notify: Notify) -> None:
        self._clock = clock
        self._notify = notify
        self._open: dict[str, Decision] = {}

    def __call__(self, context: Context) -> Succeeded:
        """Wait for the decision.

        Raises:
            ActionFailed: it was rejected, or nobody decided in time.

        """
        decision, token = Decision(), new_id()
        self._open[token] = decision
        context.run.summary = context.configuration.get("CustomData", "")
        context.run.token = token
        minutes = context.run.action.timeout_minutes or _DEFAULT_MINUTES
        overdue = self._clock.after(minutes * 60, decision.made.set)
        self._tell(context, token, minutes)
        try:
            while not decision.made.wait(0.2) and not context.run.cancelled.is_set():
                pass
        finally:
            overdue.cancel()
            del self._open[token]
        if decision.approved:
            return Succeeded(summary=decision.summary)
        raise ActionFailed("JobFailed", decision.summary or f"Nobody approved within {minutes} minutes.")

    def decide(self, token: str, *, approved: bool, summary: str) -> bool:
        """Answer an approval; return whether one waits with this token."""
        decision = self._open.get(token)
        if decision is None or decision.made.is_set():
            return False
        decision.approved = approved
        decision.summary = summary or ("" if approved else "Rejected without a reason.")
        decision.made.set()
        return True

    def _tell(self, context: Context, token: str, minutes: int) -> None:
        topic = context.configuration.get("NotificationArn")
        if not topic:
            return
        name = context.execution.definition.name
        approval = {
            "pipelineName": name,
            "stageName": context.stage,
            "actionName": context.run.action.name,
            "token": token,
            "expires": self._clock.now() + minutes * 60,
            "externalEntityLink": context.configuration.get("ExternalEntityLink"),
            "customData": context.configuration.get("CustomData"),
        }
        message = {"region": "us-east-1", "approval": approval}
        self._notify(topic, f"APPROVAL NEEDED: AWS CodePipeline {name}"[:100], json.dumps(message))
