"""What the instances of a job run.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipeline-batch.html (pipelines); requests of
a job name neither a model nor a container
"""

from collections.abc import Mapping
from dataclasses import replace

from localcloud.hosting import ContainerSpec, Served
from localcloud.sagemaker.models import Model
from localcloud.sagemaker.names import invalid


def served_in_batch(model: Model, environment: Mapping[str, str]) -> Served:
    """Return a model's containers with the variables of a job.

    Args:
        model: the model, of one container or of several in series.
        environment: overrides the containers' own.

    Raises:
        AwsError: ValidationException, when the requests would have to name a model or a container.

    """
    served = model.served
    if isinstance(served, ContainerSpec):
        return _with(served, environment)
    if served.mode != "Serial":
        raise invalid(f"Batch transform does not support model {model.name} of mode {served.mode}")
    return replace(served, containers=tuple(_with(each, environment) for each in served.containers))


def _with(container: ContainerSpec, environment: Mapping[str, str]) -> ContainerSpec:
    return replace(container, environment={**container.environment, **environment})
