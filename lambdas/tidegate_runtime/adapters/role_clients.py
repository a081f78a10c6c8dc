"""Clients under the role of an environment, which may lie in another account and region."""

from functools import cached_property
from typing import Any, Final

from botocore.config import Config

from tidegate_runtime.adapters.aws import CONFIG, client, translated
from tidegate_runtime.errors import Denied

_SHORTEST_SECONDS: Final = 900
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""


class OwnClients:
    """Makes clients under the function's own role, each once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str | None], Any] = {}

    def __call__(self, service: str, *, config: Config = CONFIG, region: str | None = None) -> Any:
        """Return a client; of the function's own region when None is given."""
        key = (service, region)
        if key not in self._made:
            where = {} if region is None else {"region_name": region}
            self._made[key] = client(service, config=config, **where)
        return self._made[key]


class RoleClients:
    """Makes clients under one role, which is taken when the first of them is made.

    Args:
        sts: Client of STS.
        role_arn: The role.
        session_name: What the role's calls are called in CloudTrail, 2 to 64 characters.
        region: Region of the clients.

    """

    def __init__(self, sts: Any, *, role_arn: str, session_name: str, region: str) -> None:
        self._sts = sts
        self._role_arn = role_arn
        self._session_name = session_name
        self._region = region
        self._made: dict[tuple[str, str, Config], Any] = {}

    def __call__(self, service: str, *, config: Config = CONFIG, region: str | None = None) -> Any:
        """Return a client; of the environment's region when None is given."""
        key = (service, self._region if region is None else region, config)
        if key not in self._made:
            self._made[key] = client(service, config=config, region_name=key[1], **self._credentials)
        return self._made[key]

    @cached_property
    def _credentials(self) -> dict[str, str]:
        try:
            with translated():
                answer = self._sts.assume_role(
                    RoleArn=self._role_arn,
                    RoleSessionName=self._session_name,
                    DurationSeconds=_SHORTEST_SECONDS,
                )
        except Denied as denied:
            message = f"the role {self._role_arn} may not be taken: is its stack deployed? {denied}"
            raise Denied(message) from denied
        given = answer["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
