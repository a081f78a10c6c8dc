"""How the states of an endpoint are read (API page of DescribeEndpoint)."""

from typing import Final

from tidegate_runtime.errors import EndpointFailed, UnexpectedConfig
from tidegate_runtime.ports import CANDIDATE, LIVE, SHADOW, EndpointView

IN_SERVICE: Final = "InService"
MOVING: Final = ("Creating", "Updating", "SystemUpdating", "RollingBack")

GRACE_SECONDS: Final = 60
"""How long after an accepted request the previous state may still be shown."""

POLL_SECONDS: Final = 15

UPDATE_POLL_SECONDS: Final = 60
"""How often to look at an update of ours that is under way and moves no traffic."""

UPDATE_SECONDS: Final = 240
"""How long an accepted update takes at least: instances start, containers answer their health check."""

_TOLERANCE: Final = 1e-3


def same_config(one: str, other: str) -> bool:
    """Compare names of configurations; ARNs, and so stack resources, hold them in lower case."""
    return one.casefold() == other.casefold()


def settled(view: EndpointView, *, expected: tuple[str, ...]) -> bool:
    """Tell whether the endpoint is in service with one of our configurations, or on its way.

    Args:
        view: The endpoint.
        expected: Configurations that may be in use or pending.

    Raises:
        EndpointFailed: the endpoint does not recover by itself.
        UnexpectedConfig: another configuration is in use or on its way.

    """
    for name in filter(None, (view.config_name, view.pending_config)):
        if not any(same_config(name, known) for known in expected):
            raise UnexpectedConfig(f"the endpoint has configuration {name}, expected one of {list(expected)}")
    if view.status in MOVING:
        return False
    if view.status != IN_SERVICE:
        raise EndpointFailed(f"the endpoint is {view.status}: {view.failure_reason or 'no reason given'}")
    return True


def observed(view: EndpointView, *, share: int) -> bool:
    """Tell whether the endpoint's weights are, and stay, `share` and `100 - share`."""
    candidate, live = view.variant(CANDIDATE), view.variant(LIVE)
    if candidate is None or live is None:
        return False
    return all(
        abs(found - wanted) < _TOLERANCE
        for variant, wanted in ((candidate, share), (live, 100 - share))
        for found in (variant.weight, variant.desired_weight)
    )


def mirrored(view: EndpointView, *, percent: int) -> bool:
    """Tell whether the candidate is, and stays, a shadow of `percent` of live's requests.

    The share is the ratio of the shadow's weight to the weight of the one production variant.
    """
    shadow = next((one for one in view.shadows if one.name == SHADOW), None)
    live = view.variant(LIVE)
    if shadow is None or live is None or view.variant(CANDIDATE) is not None:
        return False
    return all(
        abs(100 * copies - percent * answers) < 100 * _TOLERANCE
        for copies, answers in (
            (shadow.weight, live.weight),
            (shadow.desired_weight, live.desired_weight),
        )
    )
