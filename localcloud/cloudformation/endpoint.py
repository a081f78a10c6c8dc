"""AWS::SageMaker::Endpoint: a resource that takes minutes, and may roll back without saying so.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-endpoint.html
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from localcloud.cloudformation.properties import PropertyError, known_properties, to_request
from localcloud.cloudformation.resource import (
    Call,
    Created,
    Properties,
    ResourceType,
    generated_name,
    ignore_missing,
    update_tags,
)

_UPDATE_ONLY = frozenset(
    {"ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig"}
)
_IN_TRANSIT = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
_POLL_SECONDS = 0.05


class EndpointResource:
    """Endpoints of SageMaker as CloudFormation handles them.

    Creation and update last until the endpoint has settled. SageMaker answers a failed update by rolling back
    and reporting InService again: the endpoint's config is compared afterwards, and another one than the
    template's fails the update, so that the stack rolls back too.
    """

    def __init__(self, call: Call, *, timeout_seconds: float = 3600) -> None:
        """Make the type.

        Args:
            call: how to reach SageMaker.
            timeout_seconds: real seconds after which waiting for an endpoint fails.

        """
        self._call = call
        self._timeout_seconds = timeout_seconds
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return ResourceType(
            name="AWS::SageMaker::Endpoint",
            create=self.create,
            update=self.update,
            delete=self.delete,
            create_only=frozenset({"EndpointName"}),
            name_property=None,
        )

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the endpoint and wait until it is InService.

        Raises:
            RuntimeError: it failed; what was created is deleted again.

        """
        request = self._request(properties)
        create = {name: value for name, value in request.items() if name not in _UPDATE_ONLY}
        name = create.setdefault("EndpointName", generated_name(stack_name, logical_id))
        arn = str(self._call("sagemaker", "CreateEndpoint", create)["EndpointArn"])
        with self._lock:
            self._names[arn] = name
        try:
            self._settle(name)
        except RuntimeError:
            self.delete(arn, properties)
            raise
        return arn, self._attributes(arn, name)

    def update(self, physical_id: str, old: Properties, new: Properties, _stack_name: str) -> Created:
        """Send UpdateEndpoint for any change but tags, and wait until the template's config is in service.

        Raises:
            RuntimeError: the endpoint failed, or went back to another config.

        """
        name = self._name_of(physical_id)
        request = self._request(new)
        if _without_tags(old) != _without_tags(new):
            update = _without_tags(request) | {"EndpointName": name}
            self._call("sagemaker", "UpdateEndpoint", update)
            state = self._settle(name)
            _refuse_silent_rollback(state, wanted=request["EndpointConfigName"])
        update_tags(self._call, physical_id, old.get("Tags") or [], new.get("Tags") or [])
        return physical_id, self._attributes(physical_id, name)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete the endpoint and wait until it is gone."""
        name = self._name_of(physical_id)

        def remove() -> None:
            self._poll(name)
            self._call("sagemaker", "DeleteEndpoint", {"EndpointName": name})
            self._poll(name)

        ignore_missing(remove)

    def _request(self, properties: Properties) -> dict[str, Any]:
        known = known_properties("sagemaker", "CreateEndpoint") | _UPDATE_ONLY
        unknown = sorted(set(properties) - known)
        if unknown:
            raise PropertyError(f"#: extraneous key [{unknown[0]}] is not permitted")
        tags = {"Tags": properties["Tags"]} if "Tags" in properties else {}
        return to_request("sagemaker", "UpdateEndpoint", _without_tags(properties)) | tags

    def _settle(self, name: str) -> dict[str, Any]:
        state = self._poll(name)
        if state["EndpointStatus"] != "InService":
            reason = state.get("FailureReason", "no reason given")
            raise RuntimeError(f"endpoint {name} is {state['EndpointStatus']}: {reason}")
        return state

    def _poll(self, name: str) -> dict[str, Any]:
        return wait_until(
            lambda: self._call("sagemaker", "DescribeEndpoint", {"EndpointName": name}),
            lambda state: state["EndpointStatus"] not in _IN_TRANSIT,
            timeout_seconds=self._timeout_seconds,
        )

    def _attributes(self, arn: str, name: str) -> dict[str, Any]:
        return {"EndpointName": name, "EndpointArn": arn}

    def _name_of(self, arn: str) -> str:
        with self._lock:
            return self._names.get(arn, arn.rpartition("/")[2])


def wait_until(
    read: Callable[[], dict[str, Any]],
    settled: Callable[[dict[str, Any]], bool],
    *,
    timeout_seconds: float,
    poll_seconds: float = _POLL_SECONDS,
) -> dict[str, Any]:
    """Return the first reading that has settled. Blocks its thread.

    Args:
        read: reads the state.
        settled: says whether to stop.
        timeout_seconds: real seconds until giving up.
        poll_seconds: real seconds between readings.

    Raises:
        RuntimeError: it did not settle in time.

    """
    deadline = time.monotonic() + timeout_seconds
    while not settled(state := read()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"still {state.get('EndpointStatus')} after {timeout_seconds:g} s")
        time.sleep(poll_seconds)
    return state


def _without_tags(properties: Properties) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name != "Tags"}


def _refuse_silent_rollback(state: dict[str, Any], *, wanted: str) -> None:
    if state["EndpointConfigName"] == wanted:
        return
    raise RuntimeError(
        f"endpoint {state['EndpointName']} rolled back: it runs {state['EndpointConfigName']}, not {wanted}"
        + (f" ({state['FailureReason']})" if state.get("FailureReason") else "")
    )
