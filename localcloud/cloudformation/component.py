"""AWS::SageMaker::InferenceComponent: copies of a model on an endpoint, which take time to come up.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-inferencecomponent.html
"""

from typing import Any

from localcloud.cloudformation.endpoint import wait_until
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

_IN_TRANSIT = frozenset({"Creating", "Updating", "Deleting"})
_CREATE_ONLY = frozenset({"InferenceComponentName", "EndpointName", "VariantName"})
_UPDATE_ONLY = frozenset({"DeploymentConfig"})
_IN_PLACE = frozenset({"Specification", "RuntimeConfig"})


class InferenceComponentResource:
    """Inference components as CloudFormation handles them: a change lasts until the component has settled."""

    def __init__(self, call: Call, *, timeout_seconds: float = 3600) -> None:
        """Make the type.

        Args:
            call: how to reach SageMaker.
            timeout_seconds: real seconds after which waiting for a component fails.

        """
        self._call = call
        self._timeout_seconds = timeout_seconds

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return ResourceType(
            name="AWS::SageMaker::InferenceComponent",
            create=self.create,
            update=self.update,
            delete=self.delete,
            create_only=_CREATE_ONLY,
            name_property="InferenceComponentName",
        )

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Create the component and wait until its copies serve. DeploymentConfig concerns updates only.

        Raises:
            RuntimeError: it failed; what was created is deleted again.

        """
        unknown = sorted(
            set(properties) - known_properties("sagemaker", "CreateInferenceComponent") - _UPDATE_ONLY
        )
        if unknown:
            raise PropertyError(f"#: extraneous key [{unknown[0]}] is not permitted")
        given = {name: value for name, value in properties.items() if name not in _UPDATE_ONLY}
        request = to_request("sagemaker", "CreateInferenceComponent", given)
        name = request.setdefault("InferenceComponentName", generated_name(stack_name, logical_id))
        arn = str(self._call("sagemaker", "CreateInferenceComponent", request)["InferenceComponentArn"])
        try:
            return arn, self._settle(name)
        except RuntimeError:
            self.delete(arn, properties)
            raise

    def update(self, physical_id: str, old: Properties, new: Properties, _stack_name: str) -> Created:
        """Change specification and copies, and wait.

        Raises:
            RuntimeError: the component went back to what it was.

        """
        name = _name_of(physical_id)
        changed = {each: new[each] for each in _IN_PLACE if each in new and old.get(each) != new[each]}
        if "Specification" in changed:
            changed |= {each: new[each] for each in _UPDATE_ONLY if each in new}
        if changed:
            request = to_request("sagemaker", "UpdateInferenceComponent", changed)
            self._call("sagemaker", "UpdateInferenceComponent", {**request, "InferenceComponentName": name})
        attributes = self._settle(name)
        update_tags(self._call, physical_id, old.get("Tags") or [], new.get("Tags") or [])
        return physical_id, attributes

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete the component and wait until it is gone."""
        name = _name_of(physical_id)

        def remove() -> None:
            self._poll(name)
            self._call("sagemaker", "DeleteInferenceComponent", {"InferenceComponentName": name})
            self._poll(name)

        ignore_missing(remove)

    def _settle(self, name: str) -> dict[str, Any]:
        state = self._poll(name)
        if state["InferenceComponentStatus"] != "InService" or "FailureReason" in state:
            reason = state.get("FailureReason", "no reason given")
            raise RuntimeError(f"inference component {name} failed: {reason}")
        return {each: state[each] for each in ("InferenceComponentName", "InferenceComponentArn")}

    def _poll(self, name: str) -> dict[str, Any]:
        return wait_until(
            lambda: self._call("sagemaker", "DescribeInferenceComponent", {"InferenceComponentName": name}),
            lambda state: state["InferenceComponentStatus"] not in _IN_TRANSIT,
            timeout_seconds=self._timeout_seconds,
        )


def _name_of(arn: str) -> str:
    return arn.rpartition("/")[2]
