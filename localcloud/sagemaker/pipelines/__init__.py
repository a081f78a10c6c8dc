"""SageMaker Pipelines: definitions, and executions that train and register for real."""

from localcloud.sagemaker.pipelines.service import Pipelines

__all__ = ["Pipelines"]
