"""The way in which the validation gate asks the versions, with its adapters."""

from typing import Any, Final

from botocore.config import Config

from deliver.access import Access
from deliver.asked_models import AskedModels
from deliver.asking import Asking
from deliver.request import Request
from tidegate_runtime.adapters.asked_models import RegistrySpecifications, SageMakerModels
from tidegate_runtime.adapters.bucket import BucketObjects
from tidegate_runtime.adapters.stack_outputs import StackOutputs
from tidegate_runtime.errors import RequestInvalid
from tidegate_runtime.validation.dataset import DataSet
from tidegate_runtime.validation.gate import BY_ENDPOINT, Gate
from tidegate_runtime.validation.ports import Objects

_OUTPUTS: Final = ("ArtifactBucket", "ExecutionRole")

_UNHURRIED: Final = Config(connect_timeout=3, read_timeout=70, retries={"total_max_attempts": 1})
"""A model may take 60 s, for which a client needs 70.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""


def way_of_asking(access: Access, request: Request, gate: Gate, data: DataSet) -> Asking:
    """Return how the versions are asked.

    Raises:
        RequestInvalid: the environment's foundation is not there, or not of this version of the library.

    """
    found = StackOutputs(access.there("cloudformation")).of(request.place.foundation)
    missing = [name for name in _OUTPUTS if name not in found]
    if missing:
        raise RequestInvalid(
            f"the stack {request.place.foundation} has no {' and '.join(missing)}: deploy it"
        )
    sagemaker = access.there("sagemaker")
    models = AskedModels(
        gate=gate,
        registry=RegistrySpecifications(sagemaker),
        models=SageMakerModels(sagemaker),
        role_arn=found["ExecutionRole"],
    )
    objects = BucketObjects(access.there("s3"), bucket=found["ArtifactBucket"])
    if gate.by == BY_ENDPOINT:
        return _by_endpoint(access, gate, data, models, objects)
    return _by_transform(sagemaker, gate, data, models, objects)


def _by_transform(sagemaker: Any, gate: Gate, data: DataSet, models: AskedModels, objects: Objects) -> Asking:
    from deliver.ask_by_transform import ByTransform
    from tidegate_runtime.adapters.transforms import SageMakerTransforms

    transforms = SageMakerTransforms(sagemaker)
    return ByTransform(gate=gate, data=data, models=models, transforms=transforms, objects=objects)


def _by_endpoint(access: Access, gate: Gate, data: DataSet, models: AskedModels, objects: Objects) -> Asking:
    from deliver.ask_by_endpoint import ByEndpoint
    from deliver.kept_answers import KeptAnswers
    from deliver.row_by_row import RowByRow
    from tidegate_runtime.adapters.hosted_endpoints import HostedEndpoints
    from tidegate_runtime.adapters.invoker import RuntimeInvoker

    runtime = access.there("sagemaker-runtime", config=_UNHURRIED)

    def invoker(endpoint: str) -> RuntimeInvoker:
        return RuntimeInvoker(runtime, endpoint_name=endpoint)

    return ByEndpoint(
        gate=gate,
        models=models,
        endpoints=HostedEndpoints(access.there("sagemaker")),
        kept=KeptAnswers(objects),
        rows=RowByRow(gate=gate, data=data, invoker=invoker, clock=access.clock),
    )
