"""Clients where a stack lies, under the roles of the CDK's bootstrap where the app names them."""

from dataclasses import dataclass, field
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from tidegate_cli.operator.session import Aws
from tidegate_cli.review.assembly import Planned

_SESSION: Final = "tidegate-review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Clients of every account and region of an assembly.

    Attributes:
        aws: The caller's clients.

    """

    aws: Aws
    _sessions: dict[tuple[str, str], boto3.Session] = field(default_factory=dict, init=False, repr=False)

    def reading(self, planned: Planned, service: str = "cloudformation") -> Any:
        """Return a client that may read: under the lookup role where the stack names one."""
        return self._client(planned, planned.lookup_role, service)

    def changing(self, planned: Planned, service: str = "cloudformation") -> Any:
        """Return a client that may make change sets: under the deploy role where the stack names one."""
        return self._client(planned, planned.deploy_role, service)

    def _client(self, planned: Planned, role: str, service: str) -> Any:
        key = (role, planned.region)
        if key not in self._sessions:
            self._sessions[key] = self._session(role, planned.region)
        return self.aws.client_of(self._sessions[key], service)

    def _session(self, role: str, region: str) -> boto3.Session:
        own = self.aws.session_in(region)
        if not role:
            return own
        try:
            answer = self.aws.client_of(own, "sts").assume_role(RoleArn=role, RoleSessionName=_SESSION)
        except ClientError:
            # As the CDK CLI does: credentials that may act there themselves need no role.
            return own
        given = answer["Credentials"]
        return boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name=own.region_name,
        )
