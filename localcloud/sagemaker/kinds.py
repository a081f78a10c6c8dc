"""Which kind of endpoint an update may make of another."""

from localcloud.errors import NotEmulated
from localcloud.sagemaker.configs import EndpointConfig
from localcloud.sagemaker.endpoint import Endpoint
from localcloud.sagemaker.names import invalid


def check_kind(endpoint: Endpoint, config: EndpointConfig) -> None:
    """Refuse an update to a configuration of a kind that the endpoint cannot become.

    Raises:
        AwsError: ValidationException, where AWS refuses.
        NotEmulated: where the local cloud does not follow.

    """
    _check_serverless(endpoint, config)
    _check_asynchronous(endpoint, config)
    _check_components(endpoint, config)


def _check_serverless(endpoint: Endpoint, config: EndpointConfig) -> None:
    """Refuse to make an endpoint of instances serverless; the other way is allowed.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    """
    if config.variants[0].serverless and not endpoint.config.variants[0].serverless:
        raise invalid(
            f'Cannot update endpoint "{endpoint.arn}": an instance-based endpoint cannot be converted to a '
            "serverless endpoint."
        )


def _check_asynchronous(endpoint: Endpoint, config: EndpointConfig) -> None:
    """Refuse to take the queue from an endpoint, or to give it one.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint.html
    """
    if (endpoint.config.asynchronous is None) == (config.asynchronous is None):
        return
    if config.asynchronous is not None:
        raise NotEmulated("SageMaker UpdateEndpoint that makes a real-time endpoint asynchronous")
    raise invalid(
        f'Cannot update endpoint "{endpoint.arn}": an asynchronous endpoint needs AsyncInferenceConfig in '
        "its endpoint configuration."
    )


def _check_components(endpoint: Endpoint, config: EndpointConfig) -> None:
    before, after = (
        {each.name for each in c.variants if each.mode == "Components"} for c in (endpoint.config, config)
    )
    if before != after:
        raise NotEmulated("SageMaker UpdateEndpoint that changes which variants host inference components")
