"""The `Endpoint` port on SageMaker's control plane."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import message_of, translated
from tidegate_runtime.errors import EndpointBusy, EndpointMissing, Transient
from tidegate_runtime.ports import EndpointView, Variant

_CONFIG_INPUT: Final = (
    "ProductionVariants",
    "DataCaptureConfig",
    "KmsKeyId",
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "ShadowProductionVariants",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
    "MetricsConfig",
)
_MODEL_INPUT: Final = (
    "PrimaryContainer",
    "Containers",
    "InferenceExecutionConfig",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
)


class SageMakerEndpoint:
    """One endpoint, read and changed by its name."""

    def __init__(self, client: Any, *, name: str) -> None:
        self._client = client
        self._name = name

    def describe(self) -> EndpointView:
        """Return the endpoint as it is.

        Raises:
            EndpointMissing: there is none.

        """
        with translated(), _named_refusals():
            answer = self._client.describe_endpoint(EndpointName=self._name)
        pending = answer.get("PendingDeploymentSummary") or {}
        return EndpointView(
            status=answer["EndpointStatus"],
            config_name=answer.get("EndpointConfigName", ""),
            pending_config=pending.get("EndpointConfigName", ""),
            failure_reason=answer.get("FailureReason", ""),
            variants=tuple(_variant(raw) for raw in answer.get("ProductionVariants", ())),
            shadows=tuple(_variant(raw) for raw in answer.get("ShadowProductionVariants", ())),
        )

    def config(self, name: str) -> dict[str, Any]:
        """Return an endpoint configuration without its name and ARN: as it can be created."""
        with translated():
            answer = self._client.describe_endpoint_config(EndpointConfigName=name)
        return _present(answer, _CONFIG_INPUT)

    def model(self, name: str) -> dict[str, Any]:
        """Return a model without its name and ARN: as it can be created."""
        with translated():
            answer = self._client.describe_model(ModelName=name)
        return _present(answer, _MODEL_INPUT)

    def create_model(self, definition: Mapping[str, Any]) -> None:
        """Create a model; its name is a hash of its content, so an existing one is the same."""
        with translated(), _existing_is_ours():
            self._client.create_model(**definition)

    def create_config(self, definition: Mapping[str, Any]) -> None:
        """Create a configuration; its name is a hash of its content, so an existing one is the same."""
        with translated(), _existing_is_ours():
            self._client.create_endpoint_config(**definition)

    def update(self, config_name: str, *, retain_counts: bool = False) -> None:
        """Deploy a configuration.

        Args:
            config_name: Endpoint configuration.
            retain_counts: Keep the instance counts of now instead of the configuration's initial ones.

        Raises:
            EndpointBusy: another change is in progress.
            Transient: a configuration made a moment ago is not visible yet.

        """
        retained: dict[str, Any] = {}
        if retain_counts:
            excluded = [{"VariantPropertyType": "DesiredWeight"}]
            retained = {"RetainAllVariantProperties": True, "ExcludeRetainedVariantProperties": excluded}
        with translated(), _named_refusals():
            self._client.update_endpoint(EndpointName=self._name, EndpointConfigName=config_name, **retained)

    def set_weights(self, weights: Mapping[str, float]) -> None:
        """Set the weights of all given variants in one call."""
        self._set([{"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()])

    def set_instances(self, variant: str, count: int) -> None:
        """Set the instance count of one variant."""
        self._set([{"VariantName": variant, "DesiredInstanceCount": count}])

    def _set(self, desired: list[dict[str, Any]]) -> None:
        with translated(), _named_refusals():
            self._client.update_endpoint_weights_and_capacities(
                EndpointName=self._name, DesiredWeightsAndCapacities=desired
            )


def _variant(raw: Mapping[str, Any]) -> Variant:
    weight = float(raw.get("CurrentWeight", 0.0))
    instances = int(raw.get("CurrentInstanceCount", 0))
    return Variant(
        name=raw["VariantName"],
        weight=weight,
        desired_weight=float(raw.get("DesiredWeight", weight)),
        instances=instances,
        desired_instances=int(raw.get("DesiredInstanceCount", instances)),
    )


def _present(answer: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: answer[name] for name in names if answer.get(name) not in (None, [], {})}


@contextmanager
def _existing_is_ours() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if "already existing" not in message_of(error) and "already exists" not in message_of(error):
            raise


@contextmanager
def _named_refusals() -> Iterator[None]:
    """Tell SageMaker's ValidationExceptions apart, which only their messages do."""
    try:
        yield
    except ClientError as error:
        message = message_of(error)
        if "in-progress" in message or "in progress" in message or "Updating" in message:
            raise EndpointBusy(message) from error
        if "Could not find endpoint configuration" in message:
            raise Transient(message) from error
        if "Could not find endpoint" in message:
            raise EndpointMissing(message) from error
        raise
