"""Entry point of the function behind an A/B test's schedule."""

import os
from typing import Any

from ab_test.logic import Keeper
from ab_test.settings import Settings
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.cloudwatch import CloudWatchMetrics
from tidegate_runtime.adapters.config_age import SageMakerConfigs
from tidegate_runtime.adapters.floors import ScalingFloors
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.adapters.topic import SnsTopic
from tidegate_runtime.clock import SystemClock

SETTINGS = Settings.from_env(os.environ)
SAGEMAKER, NAME, TOPIC_ARN = client("sagemaker"), SETTINGS.endpoint_name, SETTINGS.topic_arn
KEEPER = Keeper(
    settings=SETTINGS,
    endpoint=SageMakerEndpoint(SAGEMAKER, name=NAME),
    configs=SageMakerConfigs(SAGEMAKER),
    metrics=CloudWatchMetrics(deferred("cloudwatch"), endpoint_name=NAME),
    floors=ScalingFloors(deferred("application-autoscaling"), endpoint_name=NAME),
    topic=SnsTopic(deferred("sns"), arn=TOPIC_ARN) if TOPIC_ARN else None,
    clock=SystemClock(),
)


def handle(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Look at the test; the event says nothing but that it is time to."""
    return KEEPER()
