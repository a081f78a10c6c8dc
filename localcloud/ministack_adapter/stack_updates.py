"""UpdateStack as AWS refuses it: in AWS's words while busy, once for each token, without foreign parameters.

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
        unknown = _foreign_parameters(stack, params)
        if unknown:
            return helpers._error(
                "ValidationError", f"Parameters: [{', '.join(unknown)}] do not exist in the template", 400
            )
        response = original(params)
        if key[1] and response[0] == 200:
            accepted.add(key)
        return response

    return update


def _foreign_parameters(stack: Mapping[str, Any] | None, params: Parameters) -> list[str]:
    """Return the parameters of an update with the previous template that this template does not have."""
    if stack is None or helpers._p(params, "UsePreviousTemplate", "false").lower() != "true":
        return []
    given = [one["Key"] for one in helpers._extract_members(params, "Parameters")]
    return [name for name in given if name not in stack.get("_template", {}).get("Parameters", {})]
