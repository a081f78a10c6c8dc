"""boto3 clients of the rehearsal itself: fixed fake credentials, one loopback address, nothing else."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
from botocore.config import Config

from tidegate_cli.operator.session import Aws
from tidegate_cli.rehearsal.environment import FAKE_ACCESS_KEY, FAKE_SECRET, REGION, require_loopback

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

ONE_TRY = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=65, proxies={})
"""No retries: each request that the client counts is one request that the endpoint counts."""


class LocalAws(Aws):
    """The operator's clients and a few more, all bound to the local cloud.

    Args:
        endpoint_url: The local cloud; refused unless it is loopback.

    Raises:
        CliError: it is not.

    """

    def __init__(self, *, endpoint_url: str) -> None:
        super().__init__(region=REGION, endpoint_url=require_loopback(endpoint_url))

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id=FAKE_ACCESS_KEY, aws_secret_access_key=FAKE_SECRET, region_name=REGION
        )

    @cached_property
    def s3(self) -> "S3Client":
        """Artifacts."""
        return self._client("s3")

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """Metrics."""
        return self._client("cloudwatch")

    @cached_property
    def runtime(self) -> "SageMakerRuntimeClient":
        """Invocations, without retries."""
        return self._client("sagemaker-runtime")

    @overload
    def _client(self, name: Literal["s3"]) -> "S3Client": ...
    @overload
    def _client(self, name: Literal["cloudwatch"]) -> "CloudWatchClient": ...
    @overload
    def _client(self, name: Literal["sagemaker-runtime"]) -> "SageMakerRuntimeClient": ...
    def _client(self, name: Any) -> Any:
        return self._session.client(name, endpoint_url=self.endpoint_url, config=ONE_TRY)
