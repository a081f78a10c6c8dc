"""The `Functions` port on Lambda."""

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.config import Config

from tidegate_runtime.adapters.aws import deferred, translated
from tidegate_runtime.errors import FunctionFailed

# One attempt: a function that was slow has been called, and is called again by whoever waits for it.
_PATIENT: Final = Config(connect_timeout=3, read_timeout=40, retries={"total_max_attempts": 1})


class LambdaFunctions:
    """Functions found by their ARNs, called synchronously."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def ask(self, arn: str, document: Mapping[str, Any]) -> Any:
        """Call a function and return its answer.

        Raises:
            FunctionFailed: it raised an error, timed out, or answered what is not JSON.
            Transient: it could not be called for the moment, or needs more than 40 s.

        """
        payload = json.dumps(document, sort_keys=True).encode()
        with translated():
            answer = self._client.invoke(FunctionName=arn, Payload=payload)
            text = answer["Payload"].read().decode(errors="replace")
        try:
            said = json.loads(text or "null")
        except ValueError as error:
            raise FunctionFailed(f"{arn} must answer JSON, got {text[:200]!r}") from error
        if answer.get("FunctionError"):
            message = said.get("errorMessage") if isinstance(said, dict) else None
            raise FunctionFailed(f"{arn} failed: {message or text[:200]}")
        return said


def functions_client() -> Any:
    """Return a client that waits for what a function may take; made when the first function is called."""
    return deferred("lambda", config=_PATIENT)
