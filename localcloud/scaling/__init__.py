"""Application Auto Scaling for SageMaker: tracking, steps and schedules, on the cloud clock."""

from localcloud.scaling.capacity import Capacity, VariantCapacity
from localcloud.scaling.service import ApplicationAutoScaling

__all__ = ["ApplicationAutoScaling", "Capacity", "VariantCapacity"]
