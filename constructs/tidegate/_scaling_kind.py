"""The kinds of capacity that Application Auto Scaling knows of SageMaker."""

from enum import Enum
from typing import Final

_INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"


class ScalingKind(Enum):
    """A kind of capacity: its dimension, and the fewest units it may have."""

    INSTANCES = ("instances", _INSTANCES, 1)
    QUEUE = ("instances of a queue", _INSTANCES, 0)
    WARM_WORKERS = ("warm workers", "sagemaker:variant:DesiredProvisionedConcurrency", 1)
    COPIES = ("copies", "sagemaker:inference-component:DesiredCopyCount", 0)

    def __init__(self, noun: str, dimension: str, fewest: int) -> None:
        self.noun = noun
        self.dimension = dimension
        self.fewest = fewest
