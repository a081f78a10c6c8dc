"""Condition keys of IAM policies that ministack lacks, or has otherwise.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html (the tags
of the role that somebody wants to assume: the policies of CDK Pipelines name the bootstrap's roles by them),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
(of a role's session it is the ARN of the role, not of the session)
"""

from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.services import iam

_TAG: Final = "iam:ResourceTag/"
_SESSION: Final = ":assumed-role/"


def install() -> None:
    """Let conditions see what AWS shows them."""
    _show_tags_of_roles()
    _show_roles_of_sessions()


def _show_tags_of_roles() -> None:
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


def _show_roles_of_sessions() -> None:
    original = iam_evaluator._resolve_condition_key

    def resolve(key: str, context: Any) -> Any:
        value = original(key, context)
        if key.lower() == "aws:principalarn" and _SESSION in str(value):
            role = _role(str(value).partition(_SESSION)[2].partition("/")[0])
            return role.get("Arn", value)
        return value

    iam_evaluator._resolve_condition_key = resolve


def _tags(role_arn: str) -> dict[str, str]:
    tags = _role(role_arn.rpartition("/")[2]).get("Tags", ())
    return {f"{_TAG}{tag['Key']}": tag["Value"] for tag in tags}


def _role(name: str) -> dict[str, Any]:
    found: dict[str, Any] = iam._roles.get(name) or {}
    return found
