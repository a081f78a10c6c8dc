"""SageMaker: real-time endpoints with their states and refusals, their runtime, and the model registry."""

from localcloud.sagemaker.durations import Durations
from localcloud.sagemaker.service import SageMaker

__all__ = ["Durations", "SageMaker"]
