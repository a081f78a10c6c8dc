"""`iam:ResourceTag` for AssumeRole: the policies of CDK Pipelines name the bootstrap's roles by their tags.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.services import iam

_PREFIX: Final = "iam:ResourceTag/"


def install() -> None:
    """Give policies the tags of the role that somebody wants to assume."""
    original = iam_evaluator.enforce

    def enforce(
        access_key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        if action == "sts:AssumeRole":
            service_context = {**_tags(resource_arn), **(service_context or {})}
        return original(
            access_key, action, service, region, resource_arn=resource_arn, service_context=service_context
        )

    iam_evaluator.enforce = enforce


def _tags(role_arn: str) -> dict[str, str]:
    role = iam._roles.get(role_arn.rpartition("/")[2]) or {}
    return {f"{_PREFIX}{tag['Key']}": tag["Value"] for tag in role.get("Tags", ())}
