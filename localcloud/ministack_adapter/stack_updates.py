"""UpdateStack as AWS refuses it: in AWS's words while the stack is busy, and once for each request token.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import handlers, helpers

Parameters = Mapping[str, list[str]]


def install() -> None:
    """Put AWS's refusals before ministack's UpdateStack."""
    handlers._ACTION_HANDLERS["UpdateStack"] = _refusing(handlers._ACTION_HANDLERS["UpdateStack"])


def _refusing(original: Callable[[Parameters], Any]) -> Callable[[Parameters], Any]:
    accepted: set[tuple[str, str]] = set()

    def update(params: Parameters) -> Any:
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        key = ((stack or {}).get("StackId", ""), helpers._p(params, "ClientRequestToken"))
        if key in accepted:
            return helpers._error("TokenAlreadyExistsException", f"Token {key[1]} already exists", 400)
        status = (stack or {}).get("StackStatus", "")
        if status.endswith("_IN_PROGRESS"):
            message = f"Stack:{key[0]} is in {status} state and can not be updated."
            return helpers._error("ValidationError", message, 400)
        response = original(params)
        if key[1] and response[0] == 200:
            accepted.add(key)
        return response

    return update
