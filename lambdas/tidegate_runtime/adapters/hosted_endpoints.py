"""The `Endpoints` port of the validation gate, and `Served`, on SageMaker's control plane."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import message_of, translated
from tidegate_runtime.adapters.refusals import THERE_ALREADY, is_missing, unless
from tidegate_runtime.errors import EndpointBusy, Transient
from tidegate_runtime.validation.ports import Hosted

_NO_CONFIG: Final = "Could not find endpoint configuration"


class HostedEndpoints:
    """Endpoints and configurations by their names.

    Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html,
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpoint.html
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe(self, name: str) -> Hosted | None:
        """Return an endpoint, or None when there is none of that name."""
        with translated():
            try:
                answer = self._client.describe_endpoint(EndpointName=name)
            except ClientError as error:
                if not is_missing(error):
                    raise
                return None
        return Hosted(status=answer["EndpointStatus"], reason=answer.get("FailureReason", ""))

    def create_config(self, definition: Mapping[str, Any]) -> None:
        """Create a configuration; its name is a hash of what it is for, so an existing one is the same."""
        with translated(), unless(THERE_ALREADY):
            self._client.create_endpoint_config(**definition)

    def create(self, definition: Mapping[str, Any]) -> None:
        """Create an endpoint; an existing one of that name is the same.

        Raises:
            Transient: the configuration, made a moment ago, is not visible yet.

        """
        with translated(), _not_visible_yet(), unless(THERE_ALREADY):
            self._client.create_endpoint(**definition)

    def delete(self, name: str) -> None:
        """Delete an endpoint; one that is gone is deleted.

        Raises:
            EndpointBusy: it is being made or deleted, and takes no change.

        """
        with translated(), _busy(), unless("Could not find endpoint"):
            self._client.delete_endpoint(EndpointName=name)

    def delete_config(self, name: str) -> None:
        """Delete a configuration; one that is not there is deleted."""
        with translated(), unless(_NO_CONFIG):
            self._client.delete_endpoint_config(EndpointConfigName=name)


@contextmanager
def _busy() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        message = message_of(error)
        if "in-progress" in message or "in progress" in message:
            raise EndpointBusy(message) from error
        raise


@contextmanager
def _not_visible_yet() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _NO_CONFIG in message_of(error):
            raise Transient(message_of(error)) from error
        raise
