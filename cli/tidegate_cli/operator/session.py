"""boto3 clients that honour the user's AWS configuration, and AWS's errors told in one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore import exceptions
from botocore.config import Config

from tidegate_cli.failures import CliError, ExitCode

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=30)
_BAD_CREDENTIALS = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)


@dataclass(frozen=True, kw_only=True)
class Aws:
    """The AWS clients that the command needs, made on first use.

    Attributes:
        profile: Named profile; the user's default chain when None.
        region: Region; the profile's when None.
        endpoint_url: One address for all services, for a local cloud; AWS's own when None.

    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    @cached_property
    def _session(self) -> boto3.Session:
        # botocore knows AWS_DEFAULT_REGION only; every other SDK, and the CDK, know AWS_REGION.
        region = self.region if self.region is not None else os.environ.get("AWS_REGION")
        return boto3.Session(profile_name=self.profile, region_name=region)

    def session_in(self, region: str) -> boto3.Session:
        """Return a session of a region, this one's own where none is named."""
        return (self.in_region(region) if region else self)._session

    def client_of(self, session: boto3.Session, service: str) -> Any:
        """Return a client of any service, of another session, at this one's address."""
        make: Any = session.client
        return make(service, endpoint_url=self.endpoint_url, config=_CONFIG)

    def in_region(self, region: str) -> Self:
        """Return clients of another region, with the same credentials."""
        return replace(self, region=region)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """Stacks and their outputs."""
        return self._session.client("cloudformation", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def codecommit(self) -> Any:
        """Pull requests of repositories in the account."""
        return self.client_of(self._session, "codecommit")

    @cached_property
    def codepipeline(self) -> Any:
        """The delivery pipelines."""
        return self.client_of(self._session, "codepipeline")

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The ledger."""
        return self._session.client("dynamodb", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def functions(self) -> "LambdaClient":
        """The controller's functions, whose environment holds the plan."""
        return self._session.client("lambda", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def runtime(self) -> Any:
        """Endpoints, asked once for each request: one more attempt is one more request to the model."""
        config = Config(connect_timeout=5, read_timeout=65, retries={"total_max_attempts": 1})
        return self._session.client("sagemaker-runtime", endpoint_url=self.endpoint_url, config=config)

    @cached_property
    def sagemaker(self) -> "SageMakerClient":
        """The endpoint."""
        return self._session.client("sagemaker", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def ssm(self) -> "SSMClient":
        """The live pointer."""
        return self._session.client("ssm", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def sts(self) -> Any:
        """Who has these credentials."""
        return self._session.client("sts", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def state_machines(self) -> "SFNClient":
        """The rollout and rollback machines."""
        return self._session.client("stepfunctions", endpoint_url=self.endpoint_url, config=_CONFIG)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what boto3 raises into a `CliError` that fits on a line.

    Raises:
        CliError: NO_CREDENTIALS for missing, unknown or expired credentials; FAILED for the rest.

    """
    try:
        yield
    except exceptions.ClientError as error:
        raise CliError(_client_error(error), _client_code(error)) from error
    except exceptions.NoRegionError as error:
        raise CliError("no AWS region: set AWS_REGION or give --region") from error
    except (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.ProfileNotFound,
        exceptions.TokenRetrievalError,
        exceptions.SSOError,
    ) as error:
        raise CliError(f"no usable AWS credentials: {_flat(error)}", ExitCode.NO_CREDENTIALS) from error
    except exceptions.BotoCoreError as error:
        raise CliError(f"AWS could not be reached: {_flat(error)}") from error


def error_code(error: exceptions.ClientError) -> str:
    """Return the error code that AWS gave, for example `ValidationError`."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def _client_code(error: exceptions.ClientError) -> ExitCode:
    return ExitCode.NO_CREDENTIALS if error_code(error) in _BAD_CREDENTIALS else ExitCode.FAILED


def _client_error(error: exceptions.ClientError) -> str:
    message = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    return f"{error.operation_name} was refused: {error_code(error)}: {message}"


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())
