"""SageMaker's refusals that are no news: what is there already, or gone already, as only messages tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, message_of

THERE_ALREADY: Final = "already exist"


def is_missing(error: ClientError) -> bool:
    """Tell whether there is nothing of the name that was asked for."""
    message = message_of(error)
    return code_of(error) == "ResourceNotFound" or "not find" in message or "does not exist" in message


@contextmanager
def unless(*told: str) -> Iterator[None]:
    """Pass over an error whose message holds one of these texts."""
    try:
        yield
    except ClientError as error:
        if not any(text in message_of(error) for text in told):
            raise
