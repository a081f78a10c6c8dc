"""Ask AWS for one link; a refusal is an answer, since the rest of the way may still be known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from tidegate_cli.operator.session import error_code
from tidegate_cli.operator.words import date_time

T = TypeVar("T")

_ENDS_IT: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why AWS did not answer, in a few words."""

    reason: str


def ask(call: Callable[[], T]) -> T | Refusal:
    """Return what AWS answers, or why it did not.

    Raises:
        ClientError: there are no usable credentials, so that nothing else would be answered either.
        NoCredentialsError: there are none at all.

    """
    try:
        return call()
    except ClientError as error:
        if error_code(error) in _ENDS_IT:
            raise
        message = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
        return Refusal(f"{error.operation_name}: {error_code(error)}: {message}")
    except NoCredentialsError:
        raise
    except BotoCoreError as error:
        return Refusal(" ".join(str(error).split()))


def moment(value: Any) -> str:
    """Return a time as boto3 gives it as date and time; empty without one."""
    return date_time(value.timestamp()) if isinstance(value, datetime) else ""


def who(user: Any) -> str:
    """Return the name of whoever the registry says did something; empty when it does not say."""
    said = user or {}
    return str(said.get("UserProfileName") or said.get("IamIdentity", {}).get("Arn") or "")
