"""An endpoint without instances: capacity comes with the requests."""

import re
from typing import Final

from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._hosted_endpoint import HostedEndpoint
from tidegate._image_registries import is_aws_account
from tidegate._model_features import model_features
from tidegate._validation import Faults
from tidegate.compatibility import Mode, check
from tidegate.model import Model
from tidegate.serverless import Serverless

_ECR_ACCOUNT: Final = re.compile(r"(\d{12})\.dkr\.ecr\.")


class ServerlessEndpoint(HostedEndpoint):
    """A serverless endpoint with one variant, for traffic with pauses: payload 4 MB, 60 seconds, CPU only.

    An instance endpoint cannot become serverless in place: give the serverless one a name of its own.
    There are no data capture, guardrails, shadow variant or second variant here; their parameters do not
    exist. Scale warm workers on `sagemaker:variant:DesiredProvisionedConcurrency`.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        model: The model to serve: one container with an archive, without network settings.
        serverless: Memory and concurrency.
        variant_name: Stable name of the only variant, `live` by default.
        endpoint_name: Stable name, at most 63 characters; CloudFormation's choice when None.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        size = Serverless.on_demand(memory_mb=2048, max_concurrency=20)
        ServerlessEndpoint(stack, "Endpoint", model=model, serverless=size, endpoint_name="quiet")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: Model,
        serverless: Serverless,
        variant_name: str = "live",
        endpoint_name: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults("serverless endpoint")
        faults.require_name(variant_name, field="variant_name")
        if endpoint_name is not None:
            faults.require_endpoint_name(endpoint_name)
        faults.add(check(Mode.SERVERLESS, model_features(model)))
        for image in model.traits.images:
            _check_account(faults, image, Stack.of(self).account)
        faults.raise_if_any()
        self.variant_name: str = variant_name
        """Name of the only variant."""
        config = sagemaker.CfnEndpointConfig(
            self, "Config", production_variants=[_variant(variant_name, model, serverless)]
        )
        self._serve(config, endpoint_name=endpoint_name)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` invoke this endpoint."""
        return self._grant(grantee, ["sagemaker:InvokeEndpoint"])

    def metric(
        self, metric_name: str, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return an invocation metric of the variant (`AWS/SageMaker`), over one minute by default."""
        return self._metric(metric_name, variant_name=self.variant_name, statistic=statistic, period=period)

    def metric_invocations(self) -> cloudwatch.Metric:
        """Return the number of requests."""
        return self.metric("Invocations")

    def metric_cold_start(self, *, statistic: str = "p90") -> cloudwatch.Metric:
        """Return the time that new workers took to start, in microseconds; the 90th percentile by default."""
        return self.metric("ModelSetupTime", statistic=statistic)

    def metric_memory_utilization(self) -> cloudwatch.Metric:
        """Return the highest share of memory in use, in percent."""
        return self.metric("MemoryUtilization", statistic="Maximum")


def _check_account(faults: Faults, image: str, account: str) -> None:
    found = None if Token.is_unresolved(image) else _ECR_ACCOUNT.match(image)
    faults.rule(
        "serverless-image-account",
        ok=found is None or Token.is_unresolved(account) or found[1] == account or is_aws_account(found[1]),
        message=f"a serverless endpoint needs its own image in account {account}, got {image}",
    )


def _variant(
    name: str, model: Model, serverless: Serverless
) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
    return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name=name,
        model_name=model.model_name,
        initial_variant_weight=1,
        serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
            memory_size_in_mb=serverless.memory_mb,
            max_concurrency=serverless.max_concurrency,
            provisioned_concurrency=serverless.provisioned_concurrency,
        ),
    )
