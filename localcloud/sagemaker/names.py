"""Names and ARNs of SageMaker's resources in the local account."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from localcloud.errors import AwsError, NotEmulated

ACCOUNT: Final = "000000000000"
REGION: Final = "us-east-1"

Params = Mapping[str, Any]


def arn(kind: str, name: str) -> str:
    """Return the ARN of a resource; SageMaker writes names in lower case there.

    Args:
        kind: for example endpoint-config.
        name: the resource's name.

    """
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name.lower()}"


def not_found(what: str, resource_arn: str) -> AwsError:
    """Return the refusal for a name that nothing has."""
    return AwsError("ValidationException", f'Could not find {what} "{resource_arn}".')


def already_there(what: str, resource_arn: str) -> AwsError:
    """Return the refusal for a name that is taken."""
    return AwsError("ValidationException", f'Cannot create already existing {what} "{resource_arn}".')


def invalid(message: str) -> AwsError:
    """Return a ValidationException."""
    return AwsError("ValidationException", message)


def require_emulated(params: Params, allowed: Collection[str], where: str) -> None:
    """Refuse what the local cloud would otherwise ignore.

    Args:
        params: members of the request, or of a structure in it.
        allowed: those that are emulated.
        where: for example "CreateEndpoint".

    Raises:
        NotEmulated: naming the first other member that is set.

    """
    for name, value in params.items():
        if name not in allowed and value not in (None, [], {}):
            raise NotEmulated(f"SageMaker {where}.{name}")
