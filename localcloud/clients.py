"""How one emulated service uses another: boto3 against the local cloud, as the role that AWS would take."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
from botocore.config import Config

Credentials = Callable[[str, str], Mapping[str, str]]
"""Returns the credential variables of a role (ARN, session name)."""

_READ_SECONDS: Final = 300


class Clients:
    """Makes and keeps boto3 clients; safe to use from any thread, but for the gateway's event loop.

    Args:
        endpoint_url: address of the local cloud.
        region: region of every client.
        credentials: credentials of a role.

    Example:
        Clients("http://127.0.0.1:4566", "us-east-1", role_credentials).of("s3", role_arn, "pipeline")

    """

    def __init__(self, endpoint_url: str, region: str, credentials: Credentials) -> None:
        self.endpoint_url: Final = endpoint_url
        self.region: Final = region
        self._credentials = credentials
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        # One session: it reads a service's model once, which takes longer than anything else here.
        self._session: Any = boto3.session.Session()

    def of(self, service: str, role_arn: str, session_name: str) -> Any:
        """Return a client of a service, with a role's credentials.

        Args:
            service: boto3's name of the service.
            role_arn: the role; empty for the account's own credentials.
            session_name: name of the session.

        """
        variables = self.variables(role_arn, session_name)
        key = (service, variables["AWS_ACCESS_KEY_ID"])
        with self._lock:
            if key not in self._made:
                self._made[key] = self._session.client(
                    service,
                    region_name=self.region,
                    endpoint_url=self.endpoint_url,
                    aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
                    aws_session_token=variables["AWS_SESSION_TOKEN"] or None,
                    config=Config(retries={"total_max_attempts": 2}, read_timeout=_READ_SECONDS),
                )
            return self._made[key]

    def variables(self, role_arn: str, session_name: str) -> Mapping[str, str]:
        """Return a role's credentials as environment variables."""
        return self._credentials(role_arn, session_name)
