"""Training jobs: a training script in a real process, with SageMaker's container contract."""

from localcloud.sagemaker.training.jobs import TrainingJobs

__all__ = ["TrainingJobs"]
