"""SageMaker's control plane as HTTP answers, with the in-memory endpoint and registry behind them."""

from typing import Any, Final

from tests.lambdas.fakes.sagemaker import FakeEndpoint
from tests.lambdas.wire.transport import Answer, Refused, Request, json_answer
from tidegate_runtime.ports import EndpointView, Package, Variant

_ARN: Final = "arn:aws:sagemaker:us-east-1:000000000000"
_MADE: Final = 1_700_000_000


class SageMakerSide:
    """Answers by calling what the adapters' ports were on the fakes.

    Args:
        fake: The endpoint, for looks that are not calls.
        endpoint: The methods of the `Endpoint` port as they were on the fake.
        registry: The methods of the `Registry` port.

    """

    def __init__(self, fake: FakeEndpoint, endpoint: Any, registry: Any) -> None:
        self._fake, self._endpoint, self._registry = fake, endpoint, registry

    def describe_endpoint(self, request: Request) -> Answer:
        return json_answer(_endpoint(request.params["EndpointName"], self._endpoint.describe()))

    def describe_endpoint_config(self, request: Request) -> Answer:
        name = request.params["EndpointConfigName"]
        if name not in self._fake.cloud.configs:
            raise Refused("ValidationException", f'Could not find endpoint configuration "{name}".')
        made = {"EndpointConfigArn": f"{_ARN}:endpoint-config/{name.lower()}", "CreationTime": _MADE}
        return json_answer({"EndpointConfigName": name, **made, **self._endpoint.config(name)})

    def describe_model(self, request: Request) -> Answer:
        name = request.params["ModelName"]
        made = {"ModelArn": f"{_ARN}:model/{name.lower()}", "CreationTime": _MADE}
        return json_answer({"ModelName": name, **made, **self._endpoint.model(name)})

    def create_model(self, request: Request) -> Answer:
        name = request.params["ModelName"]
        if name in self._fake.cloud.models:
            raise _exists(f"model/{name}")
        self._endpoint.create_model(request.params)
        return json_answer({"ModelArn": f"{_ARN}:model/{name.lower()}"})

    def create_endpoint_config(self, request: Request) -> Answer:
        name = request.params["EndpointConfigName"]
        if name in self._fake.cloud.configs:
            raise _exists(f"endpoint-config/{name}")
        self._endpoint.create_config(request.params)
        return json_answer({"EndpointConfigArn": f"{_ARN}:endpoint-config/{name.lower()}"})

    def update_endpoint(self, request: Request) -> Answer:
        retain = bool(request.params.get("RetainAllVariantProperties"))
        self._endpoint.update(request.params["EndpointConfigName"], retain_counts=retain)
        return json_answer({"EndpointArn": f"{_ARN}:endpoint/{request.params['EndpointName']}"})

    def update_endpoint_weights_and_capacities(self, request: Request) -> Answer:
        desired = request.params["DesiredWeightsAndCapacities"]
        weights = {one["VariantName"]: one["DesiredWeight"] for one in desired if "DesiredWeight" in one}
        if weights:
            self._endpoint.set_weights(weights)
        for one in desired:
            if "DesiredInstanceCount" in one:
                self._endpoint.set_instances(one["VariantName"], one["DesiredInstanceCount"])
        return json_answer({"EndpointArn": f"{_ARN}:endpoint/{request.params['EndpointName']}"})

    def describe_model_package(self, request: Request) -> Answer:
        return json_answer(_package(self._registry.package(request.params["ModelPackageName"])))

    def head_object(self, request: Request) -> Answer:
        """Answer for S3, where the artifacts behind the registry are."""
        uri = f"s3://{request.params['Bucket']}/{request.params['Key']}"
        self._registry.require_artifact(uri, version=request.params.get("versionId", ""))
        return Answer(headers={"Content-Length": "0"})


def _exists(what: str) -> Refused:
    return Refused("ValidationException", f'Cannot create already existing "{_ARN}:{what}".')


def _endpoint(name: str, view: EndpointView) -> dict[str, Any]:
    pending = {"EndpointConfigName": view.pending_config} if view.pending_config else None
    return {
        "EndpointName": name,
        "EndpointArn": f"{_ARN}:endpoint/{name}",
        "EndpointStatus": view.status,
        "EndpointConfigName": view.config_name,
        "ProductionVariants": [_variant(variant) for variant in view.variants],
        **({"ShadowProductionVariants": [_variant(one) for one in view.shadows]} if view.shadows else {}),
        "CreationTime": _MADE,
        "LastModifiedTime": _MADE,
        **({"PendingDeploymentSummary": pending} if pending else {}),
        **({"FailureReason": view.failure_reason} if view.failure_reason else {}),
    }


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "VariantName": variant.name,
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": variant.instances,
        "DesiredInstanceCount": variant.desired_instances,
    }


def _package(package: Package) -> dict[str, Any]:
    containers = [
        {"Image": one.image, "ModelDataUrl": one.artifact_uri, "Environment": dict(one.environment)}
        for one in package.containers
    ]
    specification: dict[str, Any] = {"Containers": containers}
    if package.instance_types:
        specification["SupportedRealtimeInferenceInstanceTypes"] = list(package.instance_types)
    return {
        "ModelPackageName": package.arn,
        "ModelPackageArn": package.arn,
        "ModelPackageGroupName": package.group,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": package.approval,
        "InferenceSpecification": specification,
        "CreationTime": _MADE,
    }
