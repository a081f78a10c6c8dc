"""CloudFormation's protocol for custom resources: one PUT to the address in the request."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

_TIMEOUT_SECONDS: Final = 10
_REASON_CHARACTERS: Final = 1_000


def respond(event: Mapping[str, Any], refusal: str | None, *, kind: str) -> dict[str, Any]:
    """Send the answer and return it.

    The physical id stays the same over all updates: another id would make CloudFormation delete the old one.

    Args:
        event: CloudFormation's request.
        refusal: Why the request fails, or None.
        kind: Begins the physical id of a new resource.

    Raises:
        OSError: the answer could not be delivered; Lambda then runs the function again.

    """
    document = {
        "Status": "SUCCESS" if refusal is None else "FAILED",
        "Reason": (refusal or "no objection")[:_REASON_CHARACTERS],
        "PhysicalResourceId": event.get("PhysicalResourceId") or f"{kind}-{event['LogicalResourceId']}",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    body = json.dumps(document).encode()
    request = urllib.request.Request(  # noqa: S310  (the address is CloudFormation's own)
        event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
        return document
