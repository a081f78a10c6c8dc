"""Whom a rollout tells in words: a topic, and a queue in which its messages stay."""

import json
from dataclasses import dataclass, field
from typing import Any, Final, Self

from tests.e2e.world import World

_NAME: Final = "people"
PEOPLE: Final = f"arn:aws:sns:us-east-1:000000000000:{_NAME}"
"""The topic that service files name."""


@dataclass(slots=True, kw_only=True)
class People:
    """Those who are told.

    Attributes:
        messages: Subject and text of all messages so far, one after the other.

    """

    queues: Any
    url: str
    messages: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, world: World) -> Self:
        """Make topic and queue, once or again."""
        topics, queues = world.client("sns"), world.client("sqs")
        topics.create_topic(Name=_NAME)
        url = queues.create_queue(QueueName=_NAME)["QueueUrl"]
        asked = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(_policy(arn))})
        topics.subscribe(TopicArn=PEOPLE, Protocol="sqs", Endpoint=arn)
        return cls(queues=queues, url=url)

    def told(self, *words: str) -> list[str]:
        """Return the messages in which all these words are, of those that have come until now."""
        while found := self.queues.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for one in found:
                notice = json.loads(one["Body"])
                self.messages.append(f"{notice.get('Subject')}\n{notice['Message']}")
                self.queues.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
        return [message for message in self.messages if all(word in message for word in words)]


def _policy(queue: str) -> dict[str, Any]:
    """Return what lets the topic, and nobody else, send to the queue."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": PEOPLE}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
