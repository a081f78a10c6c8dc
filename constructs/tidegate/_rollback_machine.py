"""The state machine of a rollback: a durable intent that does not give up."""

from collections.abc import Mapping
from typing import Any, Final

from tidegate._states import asked, outcome, task

ROLLBACK_HANDLERS: Final = ("roll_back", "end")
"""Folders of the handlers that the machine calls."""

# The handler names an outcome only when it is not the usual one.
_NAMED: Final = {
    "And": [
        {"Variable": "$.outcome", "IsPresent": True},
        {"Not": {"Variable": "$.outcome", "StringEquals": ""}},
    ],
    "Next": "End",
}


def rollback_definition(functions: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the machine: RollBack until it is done, then End.

    Args:
        functions: ARNs of the handlers, by folder.

    """
    return {
        "StartAt": "RollBack",
        "TimeoutSeconds": 6 * 3600,
        "States": {
            **asked(
                "RollBack",
                functions["roll_back"],
                {"DONE": "Outcome"},
                # An answer that nobody knows means that the rollback is not known to be done: ask again.
                otherwise="Unsure",
                never_give_up=True,
            ),
            "Unsure": {"Type": "Wait", "Seconds": 5, "Next": "RollBack"},
            "Outcome": {"Type": "Choice", "Choices": [_NAMED], "Default": "RolledBack"},
            "RolledBack": outcome("ROLLED_BACK", then="End"),
            "End": task(functions["end"], then="Ended", never_give_up=True),
            "Ended": {"Type": "Succeed"},
        },
    }
