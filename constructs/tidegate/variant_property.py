"""Which properties of the variants a deploy keeps as they are."""

from enum import Enum


class VariantProperty(Enum):
    """A property of a live endpoint that differs from its configuration once somebody has changed it.

    What a deploy keeps is for updates only: SageMaker's CreateEndpoint knows no such choice, and
    CloudFormation uses it when it updates an endpoint, never when it creates one.

    Example:
        RealTimeEndpoint(stack, "Endpoint", variants=[live], retain=[VariantProperty.DESIRED_WEIGHT])

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VariantProperty.html
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-endpoint.html

    """

    DESIRED_INSTANCE_COUNT = "DesiredInstanceCount"
    """How many instances a variant has; else the `initial_count` of the configuration."""
    DESIRED_WEIGHT = "DesiredWeight"
    """The weight of a variant; else the `weight` of the configuration."""
    DATA_CAPTURE_CONFIG = "DataCaptureConfig"
    """The data capture. SageMaker cannot yet take it anew while it keeps another property, so it is kept
    together with each of them."""
