"""The process that serves one model: SageMaker's container contract without a container."""
