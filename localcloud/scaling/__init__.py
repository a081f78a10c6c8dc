"""Application Auto Scaling for the instance counts of SageMaker variants, on the cloud clock."""

from localcloud.scaling.capacity import Capacity, VariantCapacity
from localcloud.scaling.service import ApplicationAutoScaling

__all__ = ["ApplicationAutoScaling", "Capacity", "VariantCapacity"]
