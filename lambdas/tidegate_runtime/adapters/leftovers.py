"""The `Leftovers` port on SageMaker's control plane."""

from collections.abc import Sequence
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.adapters.refusals import unless
from tidegate_runtime.naming import config_prefix, is_content_name, model_prefix

_GONE: Final = "Could not find"


class MadeForRollouts:
    """What one endpoint's controller has made: found by its names, which nobody else gives.

    Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListEndpointConfigs.html,
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListModels.html
    """

    def __init__(self, client: Any, *, endpoint_name: str) -> None:
        self._client = client
        self._endpoint_name = endpoint_name

    def configs(self) -> Sequence[str]:
        """Return the names of the configurations, the newest first."""
        prefix = config_prefix(self._endpoint_name)
        return self._named("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", prefix)

    def models(self) -> Sequence[str]:
        """Return the names of the models, the newest first."""
        return self._named("list_models", "Models", "ModelName", model_prefix(self._endpoint_name))

    def delete_config(self, name: str) -> None:
        """Delete a configuration; one that is gone counts as deleted."""
        with translated(), unless(_GONE):
            self._client.delete_endpoint_config(EndpointConfigName=name)

    def delete_model(self, name: str) -> None:
        """Delete a model; one that is gone counts as deleted."""
        with translated(), unless(_GONE):
            self._client.delete_model(ModelName=name)

    def _named(self, operation: str, result: str, member: str, prefix: str) -> list[str]:
        pages = self._client.get_paginator(operation).paginate(
            NameContains=prefix, SortBy="CreationTime", SortOrder="Descending"
        )
        with translated():
            names = [str(summary[member]) for page in pages for summary in page[result]]
        return [name for name in names if is_content_name(name, prefix=prefix)]
