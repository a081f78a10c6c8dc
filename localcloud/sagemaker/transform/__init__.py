"""Batch transform jobs: real model processes over objects in S3."""

from localcloud.sagemaker.transform.jobs import TransformJobs
from localcloud.sagemaker.transform.objects import Objects

__all__ = ["Objects", "TransformJobs"]
