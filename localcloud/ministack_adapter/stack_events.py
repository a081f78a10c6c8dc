"""Stack events as CloudFormation records them: none of a resource that an update leaves alone.

ministack does not operate on such a resource either, but records that it has updated it.

CloudFormation updates only the resources that have changed:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html
"""

from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

_Resource = tuple[str, str]


def install() -> None:
    """Take the events of unchanged resources out of ministack's record."""
    untouched: set[_Resource] = set()
    stacks._update_keeping_seed = _noticing(stacks._update_keeping_seed, untouched)
    stacks._add_event = _without(stacks._add_event, untouched)


def _noticing(original: Callable[..., Any], untouched: set[_Resource]) -> Callable[..., Any]:
    def update(
        kind: str, physical: str, old: Any, new: Any, stack: str, logical: str, attributes: Any
    ) -> Any:
        if old == new:
            _forget_begin(stack, logical)
            untouched.add((stack, logical))
        return original(kind, physical, old, new, stack, logical, attributes)

    return update


def _forget_begin(stack: str, logical: str) -> None:
    """Remove the event with which ministack has just begun to update a resource."""
    for events in cloudformation._stack_events.values():
        if events and _is_begin(events[-1], stack, logical):
            events.pop()


def _is_begin(event: dict[str, Any], stack: str, logical: str) -> bool:
    told = (event["StackName"], event["LogicalResourceId"], event["ResourceStatus"])
    return told == (stack, logical, "UPDATE_IN_PROGRESS")


def _without(original: Callable[..., None], untouched: set[_Resource]) -> Callable[..., None]:
    def add(
        stack_id: str, stack: str, logical: str, kind: str, status: str, *more: Any, **named: Any
    ) -> None:
        if status == "UPDATE_COMPLETE" and (stack, logical) in untouched:
            untouched.remove((stack, logical))
            return
        original(stack_id, stack, logical, kind, status, *more, **named)

    return add
