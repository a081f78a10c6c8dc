"""Clients with short time-outs, and AWS's errors translated into ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.loaders import Loader
from botocore.session import Session

from tidegate_runtime.errors import Denied, Fault, QuotaExceeded, Rejected, Throttled, Transient

# Three attempts of at most 13 s stay within the shortest handler time-out of 60 s.
CONFIG: Final = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)

_THROTTLED: Final = (
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "ProvisionedThroughputExceededException",
)
_TRANSIENT: Final = (
    "TooManyUpdates",
    "ServiceUnavailable",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceFault",
    "ModelNotReadyException",
)
_DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403")
_QUOTA: Final = ("ResourceLimitExceeded", "LimitExceededException", "InsufficientCapacity")
_SERVER_ERROR: Final = 500


def client(service: str, *, config: Config = CONFIG, **where: Any) -> Any:
    """Return a client; make one at module scope of a handler, never in a call, unless a call decides `where`.

    Args:
        service: Name of the service.
        config: Time-outs and retries.
        where: Region and credentials, as `Session.create_client` calls them; the function's own by default.

    """
    session, loader = _session()
    loader.services.add(service)
    return session.create_client(service, config=config, **where)


def deferred(service: str, *, config: Config = CONFIG) -> Any:
    """Return a client that is made at its first use: for what most calls of a handler do not need.

    Args:
        service: Name of the service.
        config: Time-outs and retries.

    """
    return _Deferred(service, config)


class _Loader(Loader):
    """Knows the services that are asked for by name, where botocore lists the folders of all 400 of them."""

    def __init__(self) -> None:
        super().__init__()
        self.services: set[str] = set()

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  (botocore's signature)
        return sorted(self.services)


@cache
def _session() -> tuple[Session, _Loader]:
    """Return botocore's session: boto3's own layer, resources and transfers, is used by nothing here."""
    session, loader = Session(), _Loader()
    session.register_component("data_loader", loader)
    return session, loader


class _Deferred:
    def __init__(self, service: str, config: Config) -> None:
        self._service, self._config = service, config

    def __getattr__(self, operation: str) -> Any:
        if "made" not in self.__dict__:
            self.made = client(self._service, config=self._config)
        return getattr(self.made, operation)


def code_of(error: ClientError) -> str:
    """Return the error's code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """Return the error's message."""
    return str(error.response.get("Error", {}).get("Message", ""))


@contextmanager
def translated() -> Iterator[None]:
    """Turn what botocore raises into Throttled, Transient, Denied, QuotaExceeded or Rejected.

    A time-out is Transient: whether the call was applied shows when reality is read again.
    """
    try:
        yield
    except ClientError as error:
        raise _fault(error) from error
    except (HTTPClientError, exceptions.ConnectionError) as error:
        raise Transient(str(error)) from error
    except BotoCoreError as error:
        raise Rejected(str(error)) from error


def _fault(error: ClientError) -> Fault:
    code = code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _THROTTLED:
        return Throttled(str(error))
    if code in _TRANSIENT or status >= _SERVER_ERROR:
        return Transient(str(error))
    if code in _DENIED:
        return Denied(str(error))
    if code in _QUOTA:
        return QuotaExceeded(str(error))
    return Rejected(str(error))
