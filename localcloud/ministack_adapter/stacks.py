"""CloudFormation resource types registered with ministack's stack engine."""

from collections.abc import Iterable

from ministack.services.cloudformation import provisioners, stacks

from localcloud.cloudformation import ResourceType


def register(types: Iterable[ResourceType]) -> None:
    """Make stacks understand these resource types; each runs on a thread of its own, off the event loop.

    A change of a create-only property replaces the resource, an unnamed one under a new name; a named one is
    refused, as CloudFormation refuses it. Stack-level tags are not propagated to these types.
    """
    names = set()
    for kind in types:
        names.add(kind.name)
        provisioners._STACK_TAG_PROPERTY.pop(kind.name, None)
        provisioners._REPLACING_PROPERTIES[kind.name] = tuple(sorted(kind.create_only))
        if kind.name_property is not None:
            provisioners._CUSTOM_NAME_REPLACEMENT[kind.name] = {"name": kind.name_property}
        provisioners._RESOURCE_HANDLERS[kind.name] = {
            "create": kind.create,
            "update": kind.update,
            "delete": kind.delete,
        }
    _run_on_threads(frozenset(names))
    _send_back_what_failed()


def _run_on_threads(names: frozenset[str]) -> None:
    original = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind in names or original(kind)


def _send_back_what_failed() -> None:
    """Update an endpoint to its previous properties also when its own update failed, before all that follows.

    ministack sends back custom resources only. An endpoint whose update fails may have moved all the same.

    Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-monitor-stack.html
    """
    original = stacks._sends_back_failed_update
    stacks._sends_back_failed_update = lambda kind: kind == "AWS::SageMaker::Endpoint" or original(kind)
