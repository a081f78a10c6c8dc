"""Ask the controller to hold, resume or promote the rollout in flight."""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.session import Aws

_UNITS: Final = {"m": 60, "h": 3600}
_NOTHING: Final = "no rollout is in flight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """What the controller answered: which rollout, and what is so now."""

    rollout_id: str
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return JSON-like values."""
        return asdict(self)


def steer(aws: Aws, controller: Controller, verb: str, *, reason: str, **more: Any) -> Steered:
    """Call the function `{endpoint}-operate`, in the name of whoever has these credentials.

    Args:
        aws: The clients.
        controller: Whose rollout.
        verb: `hold`, `resume` or `promote`.
        reason: Why; goes into the ledger.
        more: `seconds` of a hold, `every` of a promotion.

    Raises:
        CliError: NOTHING_IN_FLIGHT, REFUSED with the reason, or FAILED when the function did not answer.

    """
    request = {"verb": verb, "by": caller(aws), "reason": reason, **more}
    called = aws.functions.invoke(
        FunctionName=f"{controller.endpoint}-operate", Payload=json.dumps(request).encode()
    )
    answer = json.loads(called["Payload"].read())
    if called.get("FunctionError"):
        said = f"{answer.get('errorType', 'error')}: {answer.get('errorMessage', 'no reason given')}"
        raise CliError(f"the controller could not {verb} it; ask again: {said}")
    message = str(answer["message"])
    if answer["status"] != "DONE":
        code = ExitCode.NOTHING_IN_FLIGHT if message == _NOTHING else ExitCode.REFUSED
        raise CliError(f"{message} on {controller.endpoint}" if message == _NOTHING else message, code)
    return Steered(rollout_id=str(answer["rollout_id"]), message=message)


def caller(aws: Aws) -> str:
    """Return who has these credentials, for example `user/ada` or `assumed-role/Operators/ada`."""
    return str(aws.sts.get_caller_identity()["Arn"]).split(":", 5)[-1]


def seconds_of(text: str) -> int:
    """Return the seconds of a time such as `90m` or `24h`.

    Raises:
        CliError: USAGE when it is no such time.

    """
    found = re.fullmatch(r"([0-9]+)([mh])", text)
    if found is None:
        raise CliError(f"--for must be a time such as 90m or 24h, got {text!r}", ExitCode.USAGE)
    return int(found[1]) * _UNITS[found[2]]
