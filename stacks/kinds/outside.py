"""What a service file names by ARN, as constructs; most files name nothing, and import no service for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns


def key(scope: Construct, construct_id: str, arn: str | None) -> "kms.IKey | None":
    """Return the key; None when the file names none."""
    if arn is None:
        return None
    from aws_cdk import aws_kms as kms

    return kms.Key.from_key_arn(scope, construct_id, arn)


def topic(scope: Construct, construct_id: str, arn: str | None) -> "sns.ITopic | None":
    """Return the topic; None when the file names none."""
    if arn is None:
        return None
    from aws_cdk import aws_sns as sns

    return sns.Topic.from_topic_arn(scope, construct_id, arn)


def alarms(scope: Construct, construct_id: str, arns: Sequence[str]) -> "list[cloudwatch.IAlarm]":
    """Return the alarms."""
    from aws_cdk import aws_cloudwatch as cloudwatch

    return [
        cloudwatch.Alarm.from_alarm_arn(scope, f"{construct_id}{number}", arn)
        for number, arn in enumerate(arns, start=1)
    ]
