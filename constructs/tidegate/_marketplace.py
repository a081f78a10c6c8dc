"""Which model packages come from the AWS Marketplace."""

from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_sagemaker as sagemaker

from tidegate.model import Model

# The account that holds the Marketplace's model packages in each region, as in the sellers' notebooks.
_ACCOUNTS: Final = frozenset(
    {
        "865070037744",  # us-east-1
        "057799348421",  # us-east-2
        "382657785993",  # us-west-1
        "594846645681",  # us-west-2
        "470592106596",  # ca-central-1
        "446921602837",  # eu-central-1
        "985815980388",  # eu-west-1
        "856760150666",  # eu-west-2
        "843114510376",  # eu-west-3
        "136758871317",  # eu-north-1
        "666831318237",  # ap-southeast-2
        "745090734665",  # ap-northeast-2
        "977537786026",  # ap-northeast-1
        "270155090741",  # sa-east-1
    }
)
_ACCOUNT_FIELD: Final = 4


def marketplace_package(model: Model) -> str | None:
    """Return the ARN of the model's Marketplace package; None when it has none, or when that is a token."""
    resource = model.node.default_child
    if not isinstance(resource, sagemaker.CfnModel):
        return None
    resolve = Stack.of(model).resolve
    containers = [resolve(resource.primary_container), *(resolve(resource.containers) or [])]
    return next((arn for arn in map(_package, containers) if _is_marketplace(arn)), None)


def _package(container: Any) -> Any:
    return container.get("modelPackageName") if isinstance(container, dict) else None


def _is_marketplace(arn: Any) -> bool:
    fields = arn.split(":") if isinstance(arn, str) else []
    return len(fields) > _ACCOUNT_FIELD and fields[_ACCOUNT_FIELD] in _ACCOUNTS
