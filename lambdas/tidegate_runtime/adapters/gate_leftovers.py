"""The `GateLeftovers` port on SageMaker's control plane."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tidegate_runtime.adapters.asked_models import SageMakerModels
from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.adapters.hosted_endpoints import HostedEndpoints
from tidegate_runtime.naming import is_content_name, validation_prefix

_LISTS: Final = (
    ("list_endpoints", "Endpoints", "EndpointName"),
    ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    ("list_models", "Models", "ModelName"),
)


class MadeForValidation:
    """What the validation gate of one endpoint has made: found by names that nobody else gives.

    Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListEndpoints.html,
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpoint.html
    """

    def __init__(self, client: Any, *, endpoint_name: str) -> None:
        self._client = client
        self._endpoints, self._models = HostedEndpoints(client), SageMakerModels(client)
        self._prefix = validation_prefix(endpoint_name)

    def made_before(self, when: float) -> Sequence[str]:
        """Return names of which something was made before a time, the oldest first."""
        with translated():
            return list(dict.fromkeys(self._found(when)))

    def delete(self, name: str) -> None:
        """Delete endpoint, configuration and model of a name, each of which names the next."""
        self._endpoints.delete(name)
        self._endpoints.delete_config(name)
        self._models.delete(name)

    def _found(self, when: float) -> Iterator[str]:
        for operation, result, member in _LISTS:
            pages = self._client.get_paginator(operation).paginate(
                NameContains=self._prefix,
                CreationTimeBefore=when,
                SortBy="CreationTime",
                SortOrder="Ascending",
            )
            names = (str(summary[member]) for page in pages for summary in page[result])
            yield from (name for name in names if is_content_name(name, prefix=self._prefix))
