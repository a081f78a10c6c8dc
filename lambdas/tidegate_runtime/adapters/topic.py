"""People who are told through SNS."""

from typing import Any

from tidegate_runtime.adapters.aws import translated


class SnsTopic:
    """One topic."""

    def __init__(self, client: Any, *, arn: str) -> None:
        self._client = client
        self._arn = arn

    def publish(self, *, subject: str, text: str) -> None:
        """Send one message.

        Args:
            subject: At most 100 characters of ASCII; the subject of an e-mail.
            text: The message.

        """
        with translated():
            self._client.publish(TopicArn=self._arn, Subject=subject, Message=text)
