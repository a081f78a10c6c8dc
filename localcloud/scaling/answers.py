"""Answers that come whole, and refusals of what is not emulated."""

from collections.abc import Mapping
from typing import Any

from localcloud.errors import NotEmulated


def whole(found: list[dict[str, Any]], params: Mapping[str, Any], operation: str) -> list[dict[str, Any]]:
    """Return everything that was found at once.

    Raises:
        NotEmulated: the request asks for pages.

    """
    refuse(params, operation, "NextToken")
    if len(found) > params.get("MaxResults", len(found)):
        raise NotEmulated(f"Application Auto Scaling pages of {operation}")
    return found


def refuse(params: Mapping[str, Any], operation: str, *properties: str) -> None:
    """Refuse a request that has one of these properties.

    Raises:
        NotEmulated: naming the property.

    """
    for each in properties:
        if each in params:
            raise NotEmulated(f"Application Auto Scaling {operation}.{each}")
