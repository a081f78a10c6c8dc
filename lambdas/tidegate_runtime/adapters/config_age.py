"""When an endpoint configuration was made, from SageMaker's control plane."""

from typing import Any

from tidegate_runtime.adapters.aws import translated


class SageMakerConfigs:
    """Endpoint configurations, by name."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def created_at(self, config_name: str) -> float:
        """Return when a configuration was created, in seconds since 1970."""
        with translated():
            answer = self._client.describe_endpoint_config(EndpointConfigName=config_name)
        return float(answer["CreationTime"].timestamp())
